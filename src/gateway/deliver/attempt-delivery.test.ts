import { describe, expect, it } from "vitest";
import { arrangeAttempt } from "../../../test/fixtures/attempts.ts";
import { ACCEPTED_AT, RING_MS, aCall, aDelivery, aMessage, aPush } from "../../../test/fixtures/builders.ts";
import { deferred, DELIVERED, NO_PAUSE, untilCalledOff } from "../../../test/fixtures/gateway-doubles.ts";
import type { Outcome } from "../../push/outcome.ts";

const NEVER = new AbortController().signal;

describe("an attempt", () => {
  it("gives the provider the push and the target, and answers how the delivery stands", async () => {
    const { attempt, provider } = arrangeAttempt();
    const push = aPush();

    const result = await attempt(push, aDelivery(), NEVER);

    expect(provider.sent).toEqual([{ push, target: aDelivery() }]);
    expect(result).toEqual({
      deviceId: "iphone",
      attempts: 1,
      state: "delivered",
      providerMessageId: "m-1",
      tries: [{ at: ACCEPTED_AT, tookMs: 0, outcome: "delivered" }],
    });
  });

  it("is reported with how long it took, and how long after the acceptance", async () => {
    const { time, attempt, events } = arrangeAttempt({
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

  it.each<Outcome>([
    { kind: "rejected", reason: "PayloadTooLarge" },
    { kind: "misconfigured", reason: "app_not_served", scope: "device" },
  ])("that ends with %j ends the delivery", async (step) => {
    const { attempt } = arrangeAttempt({ step });
    const { reason } = step as { reason: string };

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({
      deviceId: "iphone",
      attempts: 1,
      state: "failed",
      reason,
      tries: [{ outcome: step.kind, reason }],
    });
  });

  it("that an app is refused for is tried again, for somebody may mend it while the phone rings", async () => {
    const { attempt } = arrangeAttempt({ step: { kind: "misconfigured", reason: "InvalidProviderToken" } });

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({ state: "pending", attempts: 1, reason: "InvalidProviderToken", isUnserved: true });
  });

  it("passes on what the answer says of the token, and when the attempt began", async () => {
    const step: Outcome = { kind: "unregistered", reason: "Unregistered", deadSince: ACCEPTED_AT - 1 };
    const { attempt, time, noted } = arrangeAttempt({
      step: async () => {
        await time.advance(250);
        return step;
      },
    });

    await attempt(aPush(), aDelivery(), NEVER);

    expect(noted).toEqual([{ app: "test", target: aDelivery(), outcome: step, startedAt: ACCEPTED_AT }]);
  });

  it("that is deferred is tried again after the call's backoff", async () => {
    const { attempt, events } = arrangeAttempt({ step: deferred() });

    const earlier = { at: 1, tookMs: 2, outcome: "deferred", reason: "not_reached" } as const;
    expect(await attempt(aPush(), aDelivery({ tries: [earlier] }), NEVER)).toEqual({
      deviceId: "iphone",
      attempts: 1,
      state: "pending",
      notBefore: ACCEPTED_AT + 500,
      reason: "busy",
      tries: [earlier, { at: ACCEPTED_AT, tookMs: 0, outcome: "deferred", reason: "busy" }],
    });
    expect(events.log.attempted).toMatchObject([[{ retryInMs: 500 }]]);
  });

  it("to tell a phone that it rings in vain is tried again as soon as the call itself", async () => {
    const { attempt } = arrangeAttempt({ step: deferred() });
    const push = aPush({ request: aCall({ kind: "call_end" }) });

    expect(await attempt(push, aDelivery(), NEVER)).toMatchObject({ notBefore: ACCEPTED_AT + 500 });
  });

  it("of a message has a policy of its own", async () => {
    const { attempt } = arrangeAttempt({ step: deferred() });
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
    const { attempt } = arrangeAttempt({ step: { kind: "deferred", reason: "ServiceUnavailable", busy: true }, retry });
    const push = aPush({ request, deadline: ACCEPTED_AT + 3_600_000 });

    expect(await attempt(push, aDelivery(), NEVER)).toMatchObject({ notBefore: ACCEPTED_AT + waitMs });
  });

  it("counts those before it towards the last one", async () => {
    const { attempt } = arrangeAttempt({ step: deferred() });

    expect(await attempt(aPush(), aDelivery({ attempts: 2 }), NEVER)).toMatchObject({ attempts: 3, state: "failed" });
  });
});

describe("the deadline", () => {
  it.each([0, 1, 1_000])("%i ms past it no attempt starts", async (late) => {
    const { attempt, time, provider, events } = arrangeAttempt();
    await time.advance(RING_MS + late);

    const result = await attempt(aPush(), aDelivery({ attempts: 2, reason: "busy" }), NEVER);

    expect(provider.sent).toEqual([]);
    expect(events.names).toEqual([]);
    expect(result).toEqual({ deviceId: "iphone", attempts: 2, state: "expired", reason: "busy" });
  });

  it("is the reason where no attempt was made at all", async () => {
    const { attempt, time } = arrangeAttempt();
    await time.advance(RING_MS);

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "expired", reason: "deadline_passed" });
  });

  it.each([60_000, 29_999, 10_000, 3_001, 1_000, 999, 100])("%i ms before it an attempt starts", async (left) => {
    const { attempt, time, provider } = arrangeAttempt();
    await time.advance(RING_MS - left);

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "delivered" });
    expect(provider.sent).toHaveLength(1);
  });

  it.each([99, 1])("%i ms before it none does, because it might arrive late", async (left) => {
    const { attempt, time, provider } = arrangeAttempt();
    await time.advance(RING_MS - left);

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "expired", reason: "deadline_passed" });
    expect(provider.sent).toEqual([]);
  });

  it("lets a delivery expire whose next attempt would come too late", async () => {
    const { attempt, events } = arrangeAttempt({ step: deferred(RING_MS) });

    expect(await attempt(aPush(), aDelivery(), NEVER)).toMatchObject({ state: "expired", reason: "busy" });
    expect(events.log.attempted[0]?.[0]).not.toHaveProperty("retryInMs");
  });
});

describe("trouble of our own", () => {
  it("contains a provider that throws, reports it, and tries again", async () => {
    const bug = new TypeError("undefined is not a function");
    const { attempt, events } = arrangeAttempt({ step: () => Promise.reject(bug) });

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({ state: "pending", reason: "internal_error", attempts: 1 });
    expect(events.log.unexpected).toEqual([["send to apns", bug]]);
    expect(events.log.attempted).toMatchObject([[{ outcome: { kind: "deferred", reason: "internal_error" } }]]);
  });

  it("ends a delivery that no app is configured for", async () => {
    const asked: unknown[] = [];
    const { attempt, events } = arrangeAttempt({ findProvider: (...app) => void asked.push(app) });

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(asked).toEqual([["example.org", "apns"]]);
    expect(result).toMatchObject({ state: "failed", reason: "no_app_configured", attempts: 1 });
    expect(events.log.attempted).toMatchObject([[{ outcome: { kind: "misconfigured" } }]]);
  });

  it("calls an attempt off when the worker stops", async () => {
    const stop = new AbortController();
    const { attempt, time, provider } = arrangeAttempt({ step: untilCalledOff });

    const result = attempt(aPush(), aDelivery(), stop.signal);
    await time.settle();
    stop.abort();

    expect(await result).toMatchObject({ state: "pending", reason: "no_answer" });
    expect(provider.sent).toHaveLength(1);
  });
});
