import { describe, expect, it } from "vitest";
import { ACCEPTED_AT, anAttempt } from "../../test/fixtures/attempts.ts";
import { aCall, aMessage, anAndroid, anIphone, IPHONE_TOKENS } from "../../test/fixtures/builders.ts";
import type { PushRequest } from "../push/push.ts";
import { buildRequest as buildApns } from "./apns/request.ts";
import { buildRequest as buildFcm } from "./fcm/request.ts";

const NOW = ACCEPTED_AT + 10_000;
const FID = "dQw4w9WgXcQ_dQw4w9WgXc";

function toApple(request: PushRequest, tokens: object = IPHONE_TOKENS, voipExpiryMs = 30_000) {
  const attempt = anAttempt(request, anIphone({ tokens }));
  const { headers, body } = buildApns(attempt, { bundleId: "org.example.phone", now: NOW, voipExpiryMs });
  return { headers, payload: JSON.parse(body), bytes: Buffer.byteLength(body) };
}

function toGoogle(request: PushRequest, tokens?: object, priority = {}) {
  const attempt = anAttempt(request, anAndroid(tokens === undefined ? {} : { tokens }));
  return JSON.parse(buildFcm(attempt, { projectId: "p", accessToken: "t", priority, now: NOW }).body).message;
}

const said = (overrides: Partial<PushRequest> = {}): PushRequest => ({
  kind: "message",
  callee: aCall().callee,
  caller: "bob@example.org",
  silent: false,
  data: { room: '{"id":42}' },
  structured: ["room"],
  content: {
    title: "Bob",
    body: "Lunch?",
    sound: "ding.caf",
    badge: 3,
    category: "CHAT",
    threadId: "room-42",
    mutableContent: true,
    interruptionLevel: "time-sensitive",
    collapseId: "room-42",
  },
  aps: {},
  ...overrides,
});

describe("one content for both platforms", () => {
  it("shows an iPhone title and text, and tells its app the caller and data as JSON", () => {
    const { headers, payload } = toApple(said());

    expect(headers).toMatchObject({ "apns-collapse-id": "room-42" });
    expect(payload).toMatchObject({ caller: "bob@example.org", room: { id: 42 }, type: "message" });
    expect(payload.aps).toEqual({
      alert: { title: "Bob", body: "Lunch?" },
      sound: "ding.caf",
      badge: 3,
      category: "CHAT",
      "thread-id": "room-42",
      "mutable-content": 1,
      "interruption-level": "time-sensitive",
    });
  });

  it("tells an Android app the same, as text, and wakes it", () => {
    expect(toGoogle(said())).toMatchObject({
      data: {
        title: "Bob",
        body: "Lunch?",
        alert: "Lunch?",
        caller: "bob@example.org",
        sound: "ding.caf",
        badge: "3",
        category: "CHAT",
        thread_id: "room-42",
        interruption_level: "time-sensitive",
        room: '{"id":42}',
      },
      android: { priority: "HIGH", collapse_key: "room-42" },
    });
  });

  it("shows nothing of a silent one", () => {
    const silent = said({
      silent: true,
      raw: { fcm: { notification: { title: "Bob" } }, apns: { aps: { alert: "x" } } },
    });

    expect(toApple(silent).payload.aps).toEqual({ "content-available": 1 });
    const message = toGoogle(silent);
    expect(message.data).not.toHaveProperty("body");
    expect(message).not.toHaveProperty("notification");
    expect(message.android.priority).toBe("NORMAL");
  });

  it("goes to Android with the priority that is configured", () => {
    expect(toGoogle(said(), undefined, { message: "normal" }).android.priority).toBe("NORMAL");
    expect(toGoogle(said({ silent: true }), undefined, { message: "high" }).android.priority).toBe("HIGH");
    expect(toGoogle(said({ kind: "wake", silent: true })).android.priority).toBe("HIGH");
  });

  it("keeps to what each provider takes, however long its parts are", () => {
    const long = said({
      content: { title: "t".repeat(1024), body: "ä".repeat(4096) },
      raw: { apns: { x: "y".repeat(2000) }, fcm: { fcm_options: { analytics_label: "z".repeat(2000) } } },
    });

    expect(toApple(long).bytes).toBeLessThanOrEqual(4096);
    for (const tokens of [undefined, { ios_fid: FID }]) {
      const { data, apns } = toGoogle(long, tokens);
      const bytes = Object.entries<string>(data).reduce((sum, pair) => sum + Buffer.byteLength(pair.join("")), 0);
      expect(bytes + (apns === undefined ? 0 : Buffer.byteLength(JSON.stringify(apns.payload)))).toBeLessThanOrEqual(
        4096,
      );
    }
  });

  it("adds raw members where the platform has words of its own", () => {
    const raw = {
      apns: { aps: { "relevance-score": 0.5 }, x: 1 },
      fcm: { android: { notification: { channel_id: "c" } } },
    };

    expect(toApple(said({ raw })).payload).toMatchObject({ x: 1, aps: { "relevance-score": 0.5, sound: "ding.caf" } });
    expect(toGoogle(said({ raw })).android).toMatchObject({ notification: { channel_id: "c" }, priority: "HIGH" });
  });

  it("leaves NGCP's messages to Android as they are", () => {
    expect(toGoogle(aMessage()).data).not.toHaveProperty("body");
  });
});

describe("how long a push is kept for a phone that is out of reach", () => {
  const expiry = (request: PushRequest, ms?: number, tokens = IPHONE_TOKENS as object) =>
    toApple(request, tokens, ms).headers["apns-expiration"];

  it("is the setting for a call, within its deadline, and the deadline for anything else", () => {
    expect(expiry(aCall())).toBe(NOW / 1000 + 30);
    expect(expiry(aCall(), 600_000)).toBe(ACCEPTED_AT / 1000 + 60);
    expect(expiry(aCall(), 0)).toBe(0);
    expect(expiry(aMessage(), 0)).toBe(ACCEPTED_AT / 1000 + 60);
  });

  it("is no time at all where the push is worth nothing later", () => {
    expect(expiry(aCall({ ttlMs: 0 }))).toBe(0);
    expect(expiry(aMessage({ ttlMs: 0 }))).toBe(0);
    expect(toGoogle(aMessage({ ttlMs: 0 })).android.ttl).toBe("0s");
    expect(toGoogle(aMessage({ ttlMs: 0 }), { ios_fid: FID }).apns.headers["apns-expiration"]).toBe("0");
  });
});

describe("a phone with Firebase", () => {
  it("is addressed by its installation id, and a call reaches it before it is unlocked", () => {
    const message = toGoogle(aCall(), { fid: FID });

    expect(message).toMatchObject({ fid: FID, android: { direct_boot_ok: true } });
    expect(message).not.toHaveProperty("token");
    expect(toGoogle(aMessage()).android).not.toHaveProperty("direct_boot_ok");
  });

  it("gets an alert that shows if it is an iPhone", () => {
    const message = toGoogle(said(), { ios_registration: "abc:APA91bxxxxxxxx" });

    expect(message).toMatchObject({
      token: "abc:APA91bxxxxxxxx",
      data: { caller: "bob@example.org", type: "message" },
      apns: {
        headers: { "apns-push-type": "alert", "apns-priority": "10", "apns-collapse-id": "room-42" },
        payload: { aps: { alert: { title: "Bob", body: "Lunch?" } } },
      },
    });
    expect(message).not.toHaveProperty("android");
  });

  it("is called by an alert that gets through a Focus if it is an iPhone, as one with a remote token alone", () => {
    const byGoogle = toGoogle(aCall(), { ios_fid: FID }).apns;
    const byApple = toApple(aCall(), { remote: IPHONE_TOKENS.remote });

    expect(byGoogle.payload.aps).toEqual(byApple.payload.aps);
    expect(byGoogle.payload.aps).toMatchObject({
      alert: "Call from +4315551234",
      "interruption-level": "time-sensitive",
    });
    expect(byGoogle.headers["apns-collapse-id"]).toBe(byApple.headers["apns-collapse-id"]);
  });
});
