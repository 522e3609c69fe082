import { describe, expect, it } from "vitest";
import { arrangeAttempt } from "../../../test/fixtures/attempts.ts";
import { ACCEPTED_AT, RING_MS, aDelivery, aMessage, aPush } from "../../../test/fixtures/builders.ts";
import { deferred, DELIVERED, type Step } from "../../../test/fixtures/gateway-doubles.ts";
import type { Throttled } from "../../push/throttled.ts";
import type { RetryBudget } from "../../push/retry-budget.ts";

const NEVER = new AbortController().signal;

describe("a push that the app's limits hold back", () => {
  const held: Throttled = { kind: "throttled", why: "provider_paused", retryAfterMs: 2_000 };

  it("has made no attempt, and is told when it may", async () => {
    const { attempt, events, noted } = arrangeAttempt({ step: async () => held });

    const result = await attempt(aPush(), aDelivery({ attempts: 2, reason: "ServiceUnavailable" }), NEVER);

    const notBefore = ACCEPTED_AT + 2_000;
    expect(result).toEqual({
      deviceId: "iphone",
      attempts: 2,
      state: "pending",
      notBefore,
      reason: "ServiceUnavailable",
      tries: [{ at: ACCEPTED_AT, tookMs: 2_000, outcome: "held", reason: "provider_paused" }],
    });
    expect(events.log.attemptThrottled).toMatchObject([[{ deviceId: "iphone" }, "provider_paused"]]);
    expect(events.names).toEqual(["attemptThrottled"]);
    expect(noted).toEqual([]);
  });

  it("expires where it may not before its deadline", async () => {
    const cause = { kind: "deferred", reason: "ServiceUnavailable" } as const;
    const { attempt } = arrangeAttempt({ step: async () => ({ ...held, retryAfterMs: RING_MS, cause }) });

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({
      state: "expired",
      attempts: 0,
      reason: "ServiceUnavailable",
      tries: [{ tookMs: 0, outcome: "held", reason: "provider_paused", cause: "ServiceUnavailable" }],
    });
  });
});

describe("a push whose app this gateway does not have, on a store that others share", () => {
  const arrangeShared = () => arrangeAttempt({ findProvider: () => undefined, isStoreShared: true });

  it("is left to the others, which is no attempt", async () => {
    const { attempt, events } = arrangeShared();

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({ state: "pending", attempts: 0, reason: "no_app_configured", isForOthers: true });
    expect(result.notBefore).toBe(ACCEPTED_AT + 1_000);
    expect(result.isUnserved).toBeUndefined();
    expect(events.log.attemptThrottled).toMatchObject([[{ deviceId: "iphone" }, "app_elsewhere"]]);
  });

  it("is called hopeless once another gateway would have taken it", async () => {
    const { attempt, time } = arrangeShared();
    await time.advance(5_000);

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({ state: "pending", isUnserved: true, isForOthers: true });
  });

  it("fails at its deadline where no gateway has the app", async () => {
    const { attempt, time } = arrangeShared();
    await time.advance(RING_MS - 500);

    const result = await attempt(aPush(), aDelivery(), NEVER);

    expect(result).toMatchObject({ state: "failed", attempts: 0, reason: "no_app_configured" });
  });
});

describe("the budget for retries", () => {
  function arrangeBudget(step: Step, saved: number) {
    const moves: string[] = [];
    const budget: RetryBudget = {
      earn: () => void moves.push("earn"),
      spend: () => moves.push("spend") <= saved,
      refund: () => void moves.push("refund"),
    };
    const asked: unknown[] = [];
    const budgetOf = (...of: unknown[]) => {
      asked.push(of);
      return budget;
    };
    return { ...arrangeAttempt({ step, budgetOf }), moves, asked };
  }
  const held: Step = async () => ({ kind: "throttled", why: "app_busy", retryAfterMs: 100 });
  const retry = () => aDelivery({ attempts: 1, reason: "ServiceUnavailable" });

  it("is the app's own, and one for its calls and another for the rest", async () => {
    const { attempt, asked } = arrangeBudget(DELIVERED, 1);

    await attempt(aPush(), aDelivery(), NEVER);
    await attempt(aPush({ request: aMessage() }), aDelivery(), NEVER);

    expect(asked).toEqual([
      ["test", true],
      ["test", false],
    ]);
  });

  it("lets a retry wait for its turn where it is used up, which is no attempt", async () => {
    const { attempt, events, provider } = arrangeBudget(DELIVERED, 0);

    const result = await attempt(aPush(), retry(), NEVER);

    expect(result).toMatchObject({ state: "pending", attempts: 1, reason: "ServiceUnavailable" });
    expect(result.notBefore).toBe(ACCEPTED_AT + 500);
    expect(provider.sent).toEqual([]);
    expect(events.log.attemptThrottled).toMatchObject([[{ deviceId: "iphone" }, "retry_postponed"]]);
  });

  it("never holds back a first attempt", async () => {
    const { attempt, provider } = arrangeBudget(DELIVERED, 0);

    await attempt(aPush(), aDelivery(), NEVER);

    expect(provider.sent).toHaveLength(1);
  });

  it.each<[string, Step, readonly string[], readonly string[]]>([
    ["that fails", deferred(), ["earn"], ["spend"]],
    ["that succeeds", DELIVERED, ["earn"], ["spend", "refund"]],
    ["that is held back", held, [], ["spend", "refund"]],
  ])("earns with a first attempt, and pays for a retry, %s", async (_how, step, first, second) => {
    const scenes = [arrangeBudget(step, 1), arrangeBudget(step, 1)] as const;

    await scenes[0].attempt(aPush(), aDelivery(), NEVER);
    await scenes[1].attempt(aPush(), retry(), NEVER);

    expect(scenes.map(({ moves }) => moves)).toEqual([first, second]);
  });
});
