import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aRingingCall } from "../../test/fixtures/builders.ts";
import {
  applyCallEvent,
  CALL_STATES,
  CALL_STEPS,
  isCallEnded,
  isStillRinging,
  readCall,
  type Call,
  type CallEvent,
} from "./call.ts";
import { readCallEnd } from "./call-end.ts";

const NOW = 10_000;

function play(...events: readonly CallEvent[]): Call {
  return events.reduce((call, event, index) => applyCallEvent(call, event, NOW + index), aRingingCall());
}

describe("a ringing call", () => {
  it.each([
    [{ kind: "registered", contact: "sip:alice@192.0.2.7" }, "registered"],
    [{ kind: "answered", deviceId: "iphone" }, "answered"],
    [{ kind: "declined", deviceId: "iphone" }, "declined"],
    [{ kind: "cancelled" }, "cancelled"],
    [{ kind: "missed" }, "missed"],
    [{ kind: "unreachable", reason: "no_device" }, "unreachable"],
    [{ kind: "ringing", deviceId: "iphone" }, "ringing"],
  ] as const)("hears %o and is %s", (event, state) => {
    const call = play(event);

    expect(call).toMatchObject({ state, history: [{ at: NOW, event: event.kind }], revision: 2 });
    expect(call.history[0]?.late).toBeUndefined();
  });

  it("was missed when nothing has been heard long after the deadline, and nothing changes that", () => {
    const { deadline } = aRingingCall();
    const long = deadline + 120_000;

    expect(readCall(aRingingCall(), long - 1).state).toBe("ringing");
    expect(readCall(aRingingCall(), long)).toMatchObject({ state: "missed", endedAt: deadline });
    expect(applyCallEvent(aRingingCall(), { kind: "answered" }, long)).toMatchObject({
      state: "missed",
      history: [{ event: "answered", late: true }],
    });
  });
});

describe("a call that a phone has come for", () => {
  const registered = { kind: "registered", deviceId: "iphone", provider: "apns", contact: "sip:a@192.0.2.7" } as const;

  it("goes on, takes further phones, and cannot be unreachable any more", () => {
    const call = play(
      registered,
      { ...registered, deviceId: "pixel" },
      { kind: "unreachable", reason: "Unregistered" },
    );

    expect(call.state).toBe("registered");
    expect(call.registrations.map(({ deviceId }) => deviceId)).toEqual(["iphone", "pixel"]);
  });

  it("is not missed by the clock: the platform says how it ends", () => {
    const { deadline } = aRingingCall();

    expect(readCall(play(registered), deadline + 1_000_000).state).toBe("registered");
    expect(isStillRinging(play(registered), deadline - 1)).toBe(true);
    expect(isStillRinging(play(registered), deadline)).toBe(false);
  });

  it("is owed a word to the other phones where one has answered", () => {
    expect(readCallEnd(play(registered))).toBeUndefined();
    expect(readCallEnd(play(registered, { kind: "answered" }))).toEqual({
      word: "answered_elsewhere",
      exceptDevice: "iphone",
    });
    expect(readCallEnd(play(registered, { ...registered, deviceId: "pixel" }, { kind: "answered" }))).toEqual({
      word: "answered_elsewhere",
    });
    expect(readCallEnd(play(registered, { kind: "declined", deviceId: "pixel" }))).toEqual({
      word: "declined_elsewhere",
      exceptDevice: "pixel",
    });
    expect(readCallEnd(play({ kind: "unreachable", reason: "no_device" }))).toBeUndefined();
  });
});

const anyDevice = fc.constantFrom("iphone", "pixel", undefined);
const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  fc
    .record({ kind: fc.constant("registered" as const), deviceId: anyDevice })
    .map(({ kind, deviceId }) => (deviceId === undefined ? { kind } : { kind, deviceId })),
  fc
    .record({
      kind: fc.constantFrom("answered" as const, "declined" as const, "ringing" as const),
      deviceId: anyDevice,
    })
    .map(({ kind, deviceId }) => (deviceId === undefined ? { kind } : { kind, deviceId })),
  fc.constantFrom({ kind: "cancelled" as const }, { kind: "missed" as const }),
  fc.constant({ kind: "unreachable" as const, reason: "Unregistered" }),
);
const anyStory = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 40_000 })), { minLength: 1, maxLength: 100 });

it("ends once, in every order of a million events, and stays within its bounds", { timeout: 120_000 }, () => {
  const played = { events: 0 };
  for (let round = 0; played.events < 1_000_000; round += 1) {
    fc.assert(
      fc.property(anyStory, (story) => {
        played.events += story.length;
        let now = NOW;
        let call = aRingingCall();
        const ends = new Set<string>();
        for (const [event, elapsed] of story) {
          now += elapsed;
          const before = readCall(call, now);
          call = applyCallEvent(call, event, now);
          if (isCallEnded(call.state)) ends.add(call.state);
          const steps: readonly string[] = CALL_STEPS[before.state];
          const isLegal = call.state === before.state || steps.includes(call.state);
          if (!isLegal || ends.size > 1 || call.history.length > 40 || call.revision < before.revision) return false;
          // An ended call keeps its time and reason, and wakes no more phones.
          if (isCallEnded(before.state) && (call.endedAt !== before.endedAt || call.reason !== before.reason))
            return false;
          if (isCallEnded(call.state) && isStillRinging(call, now)) return false;
        }
        return true;
      }),
      { numRuns: 1_000, seed: 20_261_127 + round },
    );
  }

  expect(played.events).toBeGreaterThanOrEqual(1_000_000);
});

it("has a step to every state, and none out of an end", () => {
  const reached = new Set<string>(["ringing", ...CALL_STEPS.ringing, ...CALL_STEPS.registered]);

  expect([...reached].toSorted()).toEqual([...CALL_STATES].toSorted());
  expect(CALL_STATES.filter(isCallEnded).flatMap((state) => CALL_STEPS[state])).toEqual([]);
});
