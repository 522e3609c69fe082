import { describe, expect, it } from "vitest";
import { ACCEPTED_AT, anAttempt, PUSH_ID } from "../../../test/fixtures/attempts.ts";
import { aCall, aMessage, anIphone, IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import type { Device } from "../../push/device.ts";
import type { PushRequest } from "../../push/push.ts";
import { buildRequest } from "./request.ts";

const INSTANCE = "urn:uuid:f0dec3ea-bd4c-00ee-b5c2-ce5d8ba4b5b0";
const WITHOUT_VOIP = { tokens: { remote: IPHONE_TOKENS.remote } };
const FROM_BOB = { caller: "sip:bob@example.org", callId: "c1", data: { sender_name: "Bob" } };

const TIMES = { now: ACCEPTED_AT, voipExpiryMs: 30_000 } as const;

function build(request: PushRequest, iphone: Partial<Device> = {}) {
  const attempt = anAttempt(request, anIphone({ id: INSTANCE, ...iphone }));
  const { headers, body } = buildRequest(attempt, {
    ...TIMES,
    bundleId: "org.linphone.phone",
    payloadProfile: "linphone",
  });
  return { headers, body, payload: JSON.parse(body) };
}

describe("what a Linphone on an iPhone gets", () => {
  it("is a call as Flexisip tells it", () => {
    const { headers, payload } = build(aCall(FROM_BOB));

    expect(headers).toMatchObject({ "apns-topic": "org.linphone.phone.voip", "apns-push-type": "voip" });
    expect(payload).toEqual({
      aps: {
        sound: "",
        "loc-key": "IC_MSG",
        "loc-args": ["Bob"],
        "call-id": "c1",
        uuid: `<${INSTANCE}>`,
        "send-time": "2027-01-15 08:00:00",
      },
      "from-uri": "sip:bob@example.org",
      "display-name": "Bob",
      pn_ttl: 60,
      customPayload: expect.objectContaining({ push_id: PUSH_ID, type: "call", callee: "alice", call_id: "c1" }),
    });
  });

  it("is an alert where the phone has no VoIP token", () => {
    const request = aCall({ ...FROM_BOB, data: { ...FROM_BOB.data, loc_key: "RING" }, aps: { sound: "ring.caf" } });

    const { headers, payload } = build(request, WITHOUT_VOIP);

    expect(headers).toMatchObject({ "apns-topic": "org.linphone.phone", "apns-push-type": "alert" });
    expect(payload).toEqual({
      aps: {
        alert: { "loc-key": "RING", "loc-args": ["Bob"] },
        sound: "ring.caf",
        badge: 1,
        "mutable-content": 1,
      },
      "from-uri": "sip:bob@example.org",
      "display-name": "Bob",
      "call-id": "c1",
      uuid: `<${INSTANCE}>`,
      "send-time": "2027-01-15 08:00:00",
      "chat-room-addr": "",
      pn_ttl: 60,
      customPayload: expect.anything(),
    });
  });

  it("is a message without its text, which the app fetches", () => {
    const data = { sender_name: "Bob", message: "secret", full_message: "<message>secret</message>" };

    const { body, payload } = build(aMessage({ ...FROM_BOB, data, aps: {} }));

    expect(payload.aps).toEqual({
      alert: { "loc-key": "IM_MSG", "loc-args": ["Bob"] },
      sound: "default",
      badge: 1,
      "mutable-content": 1,
    });
    expect(body).not.toContain("secret");
  });

  it("shows the platform's own words, and nothing is to be fetched without a Call-ID", () => {
    const { payload } = build(aMessage());

    expect(payload).toMatchObject({
      aps: {
        alert: { body: "Message from Bob:\nAre we still on for lunch?" },
        sound: "incoming_message.caf",
        badge: 1,
      },
      "call-id": "",
    });
    expect(payload.aps["mutable-content"]).toBeUndefined();
  });

  it("is a background push as Apple wants it", () => {
    const { headers, payload } = build(aMessage({ ...FROM_BOB, silent: true }));

    expect(headers).toMatchObject({ "apns-push-type": "background", "apns-priority": 5 });
    expect(payload.aps).toEqual({
      "content-available": 1,
      "loc-key": "IM_MSG",
      "loc-args": ["Bob"],
      "call-id": "c1",
      uuid: `<${INSTANCE}>`,
      "send-time": "2027-01-15 08:00:00",
    });
  });

  it("names the room that it is invited to, and only then", () => {
    const room = { caller: "sip:chatroom-x1@conf.example.org;gr=abc", callId: "c1", data: {}, aps: {} };

    expect(build(aMessage({ ...room, kind: "invite" })).payload).toMatchObject({
      aps: { alert: { "loc-key": "GC_MSG" } },
      "chat-room-addr": "chatroom-x1",
    });
    expect(build(aMessage({ ...room, data: { loc_key: "GC_MSG" } })).payload["chat-room-addr"]).toBe("chatroom-x1");
    expect(build(aMessage({ ...room, kind: "groupchat" })).payload).toMatchObject({
      aps: { alert: { "loc-key": "IM_MSG" } },
      "chat-room-addr": "",
    });
  });

  it.each([
    ["cancelled", "Missing call"],
    ["missed", "Missing call"],
    ["answered_elsewhere", "Accepted elsewhere"],
    ["declined_elsewhere", "Declined elsewhere"],
  ])("hears of a call that was %s", (event, words) => {
    const { payload } = build(aCall({ ...FROM_BOB, kind: "call_end", data: { event } }));

    expect(payload.aps.alert).toEqual({ "loc-key": words, "loc-args": ["sip:bob@example.org"] });
  });

  it.each([
    ["+431", "sip:+431@example.org", ""],
    ["bob@b.org", "sip:bob@b.org", ""],
    ["tel:+431", "tel:+431", ""],
    ["Bob B.", "", "Bob B."],
    [undefined, "", ""],
  ])("takes %s for the caller %s named %j", (caller, uri, name) => {
    const { caller: _nobody, ...call } = aCall();

    const { payload } = build({ ...call, ...(caller === undefined ? {} : { caller }) });

    expect(payload).toMatchObject({ "from-uri": uri, "display-name": name });
    expect(payload.aps["loc-args"]).toEqual([name || uri]);
  });

  it("is not kept from a phone whose instance nobody knows", () => {
    expect(build(aCall(), { id: "iphone" }).payload.aps).not.toHaveProperty("uuid");
  });

  it("has a name where the platform gave the call none", () => {
    expect(build(aCall()).payload.aps["call-id"]).toBe(PUSH_ID);
  });

  it("loses what is longest where it is too much for Apple, and keeps the rest", () => {
    const data = { sender_name: "Bob", note: "x".repeat(5_000), other: "1" };

    const { body, payload } = build(aCall({ ...FROM_BOB, data }));

    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(5120);
    expect(payload).toMatchObject({ aps: { "call-id": "c1" }, "display-name": "Bob", customPayload: { other: "1" } });
    expect(payload.customPayload.note).toBeUndefined();
  });

  it("is what the push asks for, whatever the app has", () => {
    const attempt = anAttempt(aCall({ profile: "standard" }), anIphone());
    const wished = anAttempt(aCall({ profile: "linphone" }), anIphone());

    const standard = buildRequest(attempt, { ...TIMES, bundleId: "org.example", payloadProfile: "linphone" });
    const linphone = buildRequest(wished, { ...TIMES, bundleId: "org.example", payloadProfile: "standard" });

    expect(JSON.parse(standard.body)).not.toHaveProperty("customPayload");
    expect(JSON.parse(linphone.body)).toHaveProperty("customPayload");
  });
});
