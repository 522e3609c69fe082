import { describe, expect, it } from "vitest";
import {
  anAndroidDelivery,
  at,
  aTracedCall,
  aTracedDelivery,
  aTracedPush,
  BEGUN,
  failed,
  heard,
  took,
} from "../../test/fixtures/traced.ts";
import { formatStory } from "../cli/format-story.ts";
import { buildCallStory, buildPushStory } from "./story.ts";
import type { TracedCall, TracedPush } from "./trace-report.ts";

const tell = (call: Partial<TracedCall>) => formatStory(buildCallStory(aTracedCall(call)));
/** Times are relative to the first moment. */
const momentsOf = (call: Partial<TracedCall>) =>
  buildCallStory(aTracedCall(call)).moments.map(({ at: when, text }) => [when - BEGUN, text]);
const tellPush = (push: Partial<TracedPush>) => formatStory(buildPushStory(aTracedPush(push)));

describe("the story of a call", () => {
  it("goes from the request to its end, and says who was told", () => {
    const pushes = [
      aTracedPush({
        preferences: { mobile_push_enable: "no_reg", mobile_push_expiry: 30 },
        deliveries: [aTracedDelivery(), anAndroidDelivery({ tries: [took(10, 80)] })],
      }),
    ];
    const end = aTracedPush({ kind: "call_end", deliveries: [anAndroidDelivery({ tries: [took(5_010, 30)] })] });
    const history = [
      heard(900, "registered", { device: "pixel", detail: "sip:alice@192.0.2.7:5060;pn-prid=secret" }),
      heard(1_240, "registered", { device: "iphone", detail: "sip:alice@192.0.2.8" }),
      heard(5_000, "answered", { device: "iphone" }),
      heard(6_000, "answered", { device: "iphone", late: true }),
      heard(7_000, "cancelled", { late: true }),
    ];

    const lines = tell({
      state: "answered",
      ended_at: at(5_000),
      ended_by: "iphone",
      history,
      pushes,
      end_pushes: [end],
    });

    expect(lines).toEqual([
      "Call a84b4c76e66710@pc33.example.com: +4315551234 calls alice@example.org",
      "Begun at 2026-11-27T06:00:00.000Z",
      "",
      "  +0.000 s  Asked for through the HTTP API. Worth a push for 30 s, until 06:00:30 UTC. Set for the",
      "            callee then: mobile_push_enable=no_reg, mobile_push_expiry=30. To iphone (Apple), pixel",
      "            (Google).",
      "  +0.060 s  iphone: Apple took the push after 50 ms.",
      "  +0.090 s  pixel: Google took the push after 80 ms.",
      "  +0.900 s  pixel registered at sip:alice@192.0.2.7:5060.",
      "  +1.240 s  iphone registered at sip:alice@192.0.2.8.",
      "  +5.000 s  The call was answered by iphone.",
      "  +5.040 s  pixel was told that the call was answered elsewhere: Google took the push after 30 ms.",
      "  +6.000 s  The call was answered by iphone: said once more.",
      "  +7.000 s  The caller hung up, 2 s after the end.",
      "",
      "The call was answered by iphone after 5 s; iphone had registered after 1.2 s.",
    ]);
  });

  it("has each attempt, with the provider's word and in plain words, and what held it back", () => {
    const tries = [
      failed(10, 20, "ServiceUnavailable"),
      failed(500, 30, "ServiceUnavailable"),
      { at: at(1_000), took_ms: 4_000, outcome: "held", reason: "provider_paused", cause: "ServiceUnavailable" },
      failed(5_000, 10_000, "connect_timeout"),
    ] as const;
    const delivery = aTracedDelivery({ state: "expired", attempts: 3, reason: "connect_timeout", tries });
    const pushes = [aTracedPush({ state: "expired", deliveries: [delivery] })];

    expect(momentsOf({ pushes }).slice(1)).toEqual([
      [30, "iphone: attempt 1: Apple answered ServiceUnavailable after 20 ms. Apple's push service was not available."],
      [530, "iphone: attempt 2: Apple answered ServiceUnavailable after 30 ms."],
      [
        1_000,
        "iphone: kept back for 4 s (provider_paused, since other pushes of the app had met ServiceUnavailable). The provider has asked for a pause, or takes no pushes of this app at present: nothing is sent until it does.",
      ],
      [
        15_000,
        "iphone: attempt 3: the attempt failed after 10 s (connect_timeout). The connection to the provider was not ready in time: no answer, or a very slow one. No time was left for another attempt.",
      ],
      [30_000, "The call's time was over."],
    ]);
  });

  it("numbers the attempts rightly of which some were forgotten", () => {
    const tries = Array.from({ length: 12 }, (_, index) => failed(index * 100, 1, "InternalServerError"));
    const deliveries = [aTracedDelivery({ state: "failed", attempts: 20, tries })];

    const texts = momentsOf({ pushes: [aTracedPush({ deliveries })] }).map(([, text]) => String(text));

    const numbers = texts.flatMap((text) => /attempt (\d+)/.exec(text)?.[1] ?? []);
    expect(numbers.map(Number)).toEqual([1, 2, 3, 4, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(texts.at(-2)).toMatch(/No further attempt was made\.$/);
  });

  it("says that a call's end came upon an attempt under way, or before any", () => {
    const cancelled = aTracedDelivery({ state: "cancelled", attempts: 0, tries: [] });
    const push = { state: "cancelled", deliveries: [cancelled], ended_at: at(200) } as const;
    const texts = (reason: string) =>
      momentsOf({ state: "cancelled", ended_at: at(200), pushes: [aTracedPush({ ...push, reason })] }).slice(1);

    expect(texts("cancelled_in_flight")).toEqual([
      [
        200,
        "iphone: withdrawn before anything was sent, unless an attempt was under way: then the phone may have got it all the same.",
      ],
    ]);
    expect(texts("cancelled_in_queue")).toEqual([[200, "iphone: withdrawn before anything was sent."]]);
  });

  it("has every phone of a platform that asks once for each", () => {
    const second = aTracedPush({
      accepted_at: at(40),
      deliveries: [anAndroidDelivery({ device: "urn:uuid:2", tries: [], state: "pending" })],
    });

    const moments = momentsOf({ asked_by: "sylk", ringing: true, pushes: [aTracedPush(), second] });

    expect(moments[0]?.[1]).toMatch(
      /^Asked for through the dialect sylk\. .* To iphone \(Apple\), urn:uuid:2 \(Google\)\.$/,
    );
    expect(moments[1]).toEqual([40, "Asked for once more, for urn:uuid:2."]);
  });

  it("says that its push was replayed, and the call that rings by that says so, too", () => {
    const replayed = aTracedPush({ id: "old", state: "failed", replayed_as: "new", replayed_at: at(3_600_000) });
    const again = aTracedPush({ id: "new", replay_of: "old" });

    const before = momentsOf({ state: "unreachable", ended_at: at(80), pushes: [replayed] });
    const [first] = momentsOf({ asked_by: "replay", pushes: [again] });

    expect(before.at(-1)).toEqual([3_600_000, "Push old was replayed: it was sent again as push new."]);
    expect(first?.[1]).toMatch(/^Asked for through a replay of push old\. Worth a push for 30 s/);
  });

  it("tells a phone that registers again from one that comes", () => {
    const came = heard(900, "registered", { device: "iphone" });

    const moments = momentsOf({ state: "registered", history: [came, { ...came, at: at(1_900) }] });

    expect(moments.slice(2)).toEqual([
      [900, "iphone registered."],
      [1_900, "iphone registered again."],
    ]);
  });

  it("keeps what steers a terminal out of its lines", () => {
    const lines = tell({ caller: "bob\u001b[2J", history: [heard(5, "ringing", { device: "x\ny" })] });

    expect(lines.join("\n")).not.toMatch(/\u001b/);
    expect(lines.some((line) => line.endsWith("x y rang."))).toBe(true);
  });

  it("says where an iPhone could only be called by an alert, and in which of Apple's environments", () => {
    const deliveries = [aTracedDelivery({ token_kind: "remote", environment: "sandbox" })];

    const [first] = momentsOf({ pushes: [aTracedPush({ deliveries })] });

    expect(first?.[1]).toMatch(/To iphone \(Apple's sandbox, an alert: it has no VoIP token\)\.$/);
    const firebase = [aTracedDelivery({ provider: "fcm", token_kind: "ios_fid", environment: "production" })];
    const [byGoogle] = momentsOf({ pushes: [aTracedPush({ deliveries: firebase })] });
    expect(byGoogle?.[1]).toMatch(/To iphone \(Google, an alert to an iPhone: CallKit needs APNs/);
  });
});

describe("the story of a push that rings for no call", () => {
  it("tells its attempts, and what to do about those that failed", () => {
    const message = { kind: "message", state: "failed", preferences: { mobile_push_enable: "always" } } as const;
    const deliveries = [
      aTracedDelivery({ token_kind: "remote" }),
      anAndroidDelivery({
        state: "failed",
        reason: "UNREGISTERED",
        tries: [{ at: at(10), took_ms: 30, outcome: "unregistered", reason: "UNREGISTERED" }],
      }),
    ];

    expect(tellPush({ ...message, state: "delivered", deliveries })).toEqual([
      "Push 0190a1b2-c3d4-7abc-8def-0123456789ab: message for alice@example.org, from +4315551234",
      "Begun at 2026-11-27T06:00:00.000Z",
      "",
      "  +0.000 s  A push was asked for. Worth a push for 30 s, until 06:00:30 UTC. Set for the callee",
      "            then: mobile_push_enable=always. To iphone (Apple), pixel (Google).",
      "  +0.040 s  pixel: Google answered UNREGISTERED after 30 ms. Google says that the app on this phone",
      "            is no longer there.",
      "  +0.060 s  iphone: Apple took the push after 50 ms.",
      "",
      "The message push was delivered: it was taken for 1 of 2 phones.",
      "",
      "pixel was not reached: UNREGISTERED",
      "  Google says that the app on this phone is no longer there.",
      "  Likely cause: The app was removed, the phone was reset or restored, or the app got a new token",
      "                since.",
      "  What to do:   Open the app on the phone and sign in again, so that it registers its new token.",
    ]);
  });

  it("says that it was replayed, and as what", () => {
    const message = { kind: "message", state: "failed" } as const;

    const before = tellPush({ ...message, id: "old", replayed_as: "new", replayed_at: at(60_000), deliveries: [] });
    const after = tellPush({ ...message, id: "new", replay_of: "old", deliveries: [] });

    expect(before.find((line) => line.includes("replayed"))).toBe(
      "  +60.000 s  Push old was replayed: it was sent again as push new.",
    );
    expect(after[3]).toMatch(/^ {2}\+0\.000 s {2}Push old was sent again as this one\. Worth a push for 30 s/);
  });

  it("says what was never sent, and why", () => {
    const lines = tellPush({ kind: "message", state: "suppressed", reason: "push_disabled", deliveries: [] });

    expect(lines[3]).toBe("  +0.000 s  A push was asked for. Nothing was sent: push_disabled.");
    expect(lines.slice(5, 8)).toEqual(["Nothing was sent.", "", "push_disabled"]);
  });

  it.each([
    [{ state: "pending" }, "The call push is still under way: it was taken for 0 of 1 phones so far."],
    [{ state: "expired" }, "The call push came to nothing in its time: it was taken for 0 of 1 phones."],
  ] as const)("of %j is concluded by: %s", (push, conclusion) => {
    const deliveries = [aTracedDelivery({ state: push.state, tries: [], attempts: 0 })];

    expect(buildPushStory(aTracedPush({ ...push, deliveries })).conclusion).toBe(conclusion);
  });
});
