import { describe, expect, it } from "vitest";
import { aCall, aMessage, ALICE, anIphone, IPHONE_TOKENS } from "../../test/support/builders.ts";
import {
  createRecordingEvents,
  createScriptedProvider,
  deferred,
  DELIVERED,
  findAmong,
  NO_LIMITS,
  NO_PAUSE,
  untilCalledOff,
  type Step,
} from "../../test/support/gateway-doubles.ts";
import { MemoryDeviceStore } from "../../test/support/memory-device-store.ts";
import { ACCEPTED_AT, aDelivery, aPush, RING_MS } from "../../test/support/push-builders.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
import type { Outcome } from "../push/outcome.ts";
import { createAttemptDelivery, type AttemptDeps } from "./attempt-delivery.ts";

const NEVER = new AbortController().signal;

function arrange({ step = DELIVERED, ...overrides }: Partial<AttemptDeps> & { readonly step?: Step } = {}) {
  const time = createVirtualTime(ACCEPTED_AT);
  const events = createRecordingEvents();
  const provider = createScriptedProvider(step);
  const devices = new MemoryDeviceStore([anIphone({ registeredAt: ACCEPTED_AT - 1 })]);
  const attempt = createAttemptDelivery({
    findProvider: findAmong({ apns: provider }),
    devices,
    events,
    clock: time.clock,
    random: () => 0.5,
    budgets: NO_LIMITS,
    retry: {
      call: { baseMs: 1_000, capMs: 8_000, maxAttempts: 3, busyMs: NO_PAUSE },
      message: { baseMs: 60_000, capMs: 600_000, maxAttempts: 3, busyMs: NO_PAUSE },
    },
    ...overrides,
  });
  return { attempt, time, events, provider, devices };
}

const unregistered = (deadSince?: number): Outcome => ({
  kind: "unregistered",
  reason: "Unregistered",
  ...(deadSince === undefined ? {} : { deadSince }),
});

describe("an attempt", () => {
  it("gives the provider the push and the target, and answers how the delivery stands", async () => {
    const { attempt, provider } = arrange();
    const push = aPush();

    const result = await attempt(push, aDelivery(), NEVER);

    expect(provider.sent).toEqual([{ push, target: aDelivery() }]);
    expect(result).toEqual({ deviceId: "iphone", attempts: 1, state: "delivered", providerMessageId: "m-1" });
  });

  it("is reported with how long it took, and how long after the acceptance", async () => {
    const { time, attempt, events } = arrange({
      step: async () => {
        await time.advance(250);
        return DELIVERED;
      },
    });
    await time.advance(1_000);

    await attempt(aPush(), aDelivery({ attempts: 1 }), NEVER);

    expect(events.names).toEqual(["attempted"]);
    expect(events.log.attempted[0]?.[0]).toMatchObject({ attempt: 2, durationMs: 250, sinceAcceptedMs: 1_250 });
    expect(events.log.attempted[0]?.[0]).not.toHaveProperty("retryInMs");
  });

  it.each([
    ["rejected", "PayloadTooLarge"],
    ["misconfigured", "BadTopic"],
  ] as const)("that is %s ends the delivery and leaves the device alone", async (kind, reason) => {
    const { attempt, devices } = arrange({ step: { kind, reason } });

    expect(await attempt(aPush(), aDelivery(), NEVER)).toEqual({
      deviceId: "iphone",
      attempts: 1,
      state: "failed",
      reason,
    });
    expect(await devices.list(ALICE)).toMatchObject([{ tokens: IPHONE_TOKENS }]);
  });

  it("that is deferred is tried again after the call's backoff", async () => {
    const { attempt, events } = arrange({ step: deferred() });

    expect(await attempt(aPush(), aDelivery(), NEVER)).toEqual({
      deviceId: "iphone",
      attempts: 1,
      state: "pending",
      notBefore: ACCEPTED_AT + 500,
      reason: "busy",
    });
    expect(events.log.attempted).toMatchObject([[{ retryInMs: 500 }]]);
  });

  it("of a message has a policy of its own", async () => {
    const { attempt } = arrange({ step: deferred() });
    const push = aPush({ request: aMessage(), deadline: ACCEPTED_AT + 3_600_000 });

    expect(await attempt(push, aDelivery(), NEVER)).toMatchObject({ notBefore: ACCEPTED_AT + 30_000 });
  });

  it.each([
    ["a message waits as long as the provider asks for", aMessage(), 900_000],
    ["a call does not, it rings now", aCall(), 500],
  ])("finds the provider in trouble: %s", async (_what, request, waitMs) => {
    const pauses = { baseMs: 1_000, capMs: 1_000, maxAttempts: 3 };
    const retry = {
      call: { ...pauses, busyMs: NO_PAUSE },
      message: { ...pauses, busyMs: { ...NO_PAUSE, apns: 899_500 } },
    };
    const { attempt } = arrange({ step: { kind: "deferred", reason: "ServiceUnavailable", busy: true }, retry });
    const push = aPush({ request, deadline: ACCEPTED_AT + 3_600_000 });

    expect(await attempt(push, aDelivery(), NEVER)).toMatchObject({ notBefore: ACCEPTED_AT + waitMs });
  });

  it("counts those before it towards the last one", async () => {
    const { attempt } = arrange({ step: deferred() });

    expect(await attempt(aPush(), aDelivery({ attempts: 2 }), NEVER)).toMatchObject({ attempts: 3, state: "failed" });
  });
});

describe("the deadline", () => {
  it.each([0, 1, 1_000])("%i ms past it no attempt starts", async (late) => {
    const { attempt, time, provider, events } = arrange();
    await time.advance(RING_MS + late);

    const result = await attempt(aPush(), aDelivery({ attempts: 2, reason: "busy" }), NEVER);

    expect(provider.sent).toEqual([]);
    expect(events.names).toEqual([]);
    expect(result).toEqual({ deviceId: "iphone", attempts: 2, state: "expired", reason: "busy" });
  });

  it("is the reason where no attempt was made at all", async () => {
    const { attempt, time } = arrange();
    await time.advance(RING_MS);

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "expired", reason: "deadline_passed" });
  });

  it.each([60_000, 29_999, 10_000, 3_001, 1_000, 999, 1])("%i ms before it an attempt starts", async (left) => {
    const { attempt, time, provider } = arrange();
    await time.advance(RING_MS - left);

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "delivered" });
    expect(provider.sent).toHaveLength(1);
  });

  it("ends an attempt that the provider leaves without an answer", async () => {
    const { attempt, time } = arrange({ step: untilCalledOff });
    await time.advance(RING_MS - 5);

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "expired", reason: "no_answer" });
  });

  it("lets a delivery expire whose next attempt would come too late", async () => {
    const { attempt, events } = arrange({ step: deferred(RING_MS) });

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "expired", reason: "busy" });
    expect(events.log.attempted[0]?.[0]).not.toHaveProperty("retryInMs");
  });
});

describe("trouble of our own", () => {
  it("contains a provider that throws, reports it, and tries again", async () => {
    const bug = new TypeError("undefined is not a function");
    const { attempt, events } = arrange({ step: () => Promise.reject(bug) });

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({ state: "pending", reason: "internal_error", attempts: 1 });
    expect(events.log.unexpected).toEqual([["send to apns", bug]]);
    expect(events.log.attempted).toMatchObject([[{ outcome: { kind: "deferred", reason: "internal_error" } }]]);
  });

  it("ends a delivery that no app is configured for", async () => {
    const asked: unknown[] = [];
    const { attempt, events } = arrange({ findProvider: (...app) => void asked.push(app) });

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(asked).toEqual([["example.org", "apns"]]);
    expect(result).toMatchObject({ state: "failed", reason: "no_app_configured", attempts: 1 });
    expect(events.log.attempted).toMatchObject([[{ outcome: { kind: "misconfigured" } }]]);
  });

  it("calls an attempt off when the worker stops", async () => {
    const stop = new AbortController();
    const { attempt, time, provider } = arrange({ step: untilCalledOff });

    const result = attempt(aPush(), aDelivery(), stop.signal);
    await time.settle();
    stop.abort();

    expect(await result).toMatchObject({ state: "pending", reason: "no_answer" });
    expect(provider.sent).toHaveLength(1);
  });
});

describe("a dead token", () => {
  it("is forgotten alone, and reported", async () => {
    const { attempt, events, devices } = arrange({ step: unregistered(ACCEPTED_AT) });

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({ state: "failed", reason: "Unregistered" });
    expect(await devices.list(ALICE)).toMatchObject([{ id: "iphone", tokens: { remote: IPHONE_TOKENS.remote } }]);
    expect(events.log.devicePruned).toMatchObject([[{ id: "iphone" }, { tokenKind: "voip" }, "Unregistered"]]);
  });

  it.each([
    ["kept where the phone registered again after it had died", ACCEPTED_AT - 10, ACCEPTED_AT - 5, 1],
    ["forgotten where it died after the registration", ACCEPTED_AT - 5, ACCEPTED_AT - 10, 0],
    ["kept where nobody says when it died and the phone registered after the push", undefined, ACCEPTED_AT, 1],
    [
      "forgotten where nobody says when it died and the phone registered before the push",
      undefined,
      ACCEPTED_AT - 1,
      0,
    ],
  ])("is %s", async (_what, deadSince, registeredAt, left) => {
    const device = anIphone({ tokens: { voip: IPHONE_TOKENS.voip }, registeredAt });
    const devices = new MemoryDeviceStore([device]);
    const { attempt, events } = arrange({ step: unregistered(deadSince), devices });

    await attempt(aPush(), aDelivery(), NEVER);

    expect(await devices.list(ALICE)).toHaveLength(left);
    expect(events.log.devicePruned).toHaveLength(1 - left);
  });

  it("that the store cannot forget now does not change the outcome", async () => {
    const outOfReach = new Error("the store is out of reach");
    const devices = { prune: () => Promise.reject(outOfReach), replaceToken: () => Promise.reject(outOfReach) };
    const { attempt, events } = arrange({ step: unregistered(), devices });

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "failed", reason: "Unregistered" });
    expect(events.names).toEqual(["attempted", "storeFailed"]);
  });
});

describe("a token that the provider replaces", () => {
  it("is replaced in the store", async () => {
    const { attempt, devices } = arrange({ step: { ...DELIVERED, replacementToken: "new" } as Outcome });

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "delivered" });
    expect(await devices.list(ALICE)).toMatchObject([{ tokens: { voip: "new", remote: IPHONE_TOKENS.remote } }]);
  });
});

describe("a retry budget that is used up", () => {
  const spent = { earn: () => undefined, spend: () => false, refund: () => undefined };

  it("lets a retry wait for its turn, which is no attempt", async () => {
    const { attempt, events, provider } = arrange({ budgets: { ...NO_LIMITS, apns: spent } });
    const delivery = aDelivery({ attempts: 1, reason: "ServiceUnavailable" });

    const result = await attempt(aPush(), delivery, NEVER);

    expect(result).toMatchObject({ state: "pending", attempts: 1, reason: "ServiceUnavailable" });
    expect(result.notBefore).toBeGreaterThan(ACCEPTED_AT);
    expect(provider.sent).toEqual([]);
    expect(events.log.retryPostponed).toEqual([["apns"]]);
  });

  it("never holds back a first attempt", async () => {
    const { attempt, provider } = arrange({ budgets: { ...NO_LIMITS, apns: spent } });

    await attempt(aPush(), aDelivery(), NEVER);

    expect(provider.sent).toHaveLength(1);
  });
});
