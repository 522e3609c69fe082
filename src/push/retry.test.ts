import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "./outcome.ts";
import { decide, type AttemptEnd, type RetryPolicy } from "./retry.ts";

const NOW = 1_800_000_000_000;
const POLICY: RetryPolicy = { baseMs: 1_000, capMs: 8_000, maxAttempts: 5 };
/** The most that `random` may draw, as near to 1 as it comes. */
const ALMOST_ONE = 1 - Number.EPSILON / 2;

function anEnd(overrides: Partial<AttemptEnd> = {}): AttemptEnd {
  const outcome: Outcome = { kind: "deferred", reason: "busy" };
  return { outcome, attempts: 1, deadline: NOW + 60_000, now: NOW, ...overrides };
}

describe("decide", () => {
  it.each([
    [
      { kind: "delivered", providerMessageId: "m-1" },
      { kind: "end", state: "delivered" },
    ],
    [
      { kind: "unregistered", reason: "Unregistered" },
      { kind: "end", state: "failed", reason: "Unregistered" },
    ],
    [
      { kind: "rejected", reason: "PayloadTooLarge" },
      { kind: "end", state: "failed", reason: "PayloadTooLarge" },
    ],
    [
      { kind: "misconfigured", reason: "BadTopic" },
      { kind: "end", state: "failed", reason: "BadTopic" },
    ],
  ] as const)("after %o ends the delivery", (outcome, decision) => {
    expect(decide(anEnd({ outcome }), POLICY, () => 0.5)).toEqual(decision);
  });

  it.each([
    ["the backoff", 1, undefined, 500],
    ["twice that the next time", 2, undefined, 1_000],
    ["not more than the cap", 4, undefined, 4_000],
    ["the provider's wish where that is longer", 1, 20_000, 20_000],
    ["the backoff where that is longer", 4, 100, 4_000],
  ])("tries again after %s", (_rule, attempts, retryAfterMs, afterMs) => {
    const outcome: Outcome = {
      kind: "deferred",
      reason: "busy",
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };

    const decision = decide(anEnd({ outcome, attempts }), POLICY, () => 0.5);

    expect(decision).toEqual({ kind: "retry", at: NOW + afterMs, reason: "busy" });
  });

  it("gives up after the last attempt that it may make", () => {
    expect(decide(anEnd({ attempts: 4 }), POLICY, () => 0.5).kind).toBe("retry");
    expect(decide(anEnd({ attempts: 5 }), POLICY, () => 0.5)).toEqual({ kind: "end", state: "failed", reason: "busy" });
  });

  it("goes on until the deadline where no number of attempts is set", () => {
    const policy = { baseMs: 200, capMs: 2_000 };
    const decideAt = (now: number, attempts: number) => decide(anEnd({ now, attempts }), policy, () => 0.5);

    expect(decideAt(NOW + 58_000, 1_000)).toEqual({ kind: "retry", at: NOW + 59_000, reason: "busy" });
    expect(decideAt(NOW + 59_000, 1_001)).toEqual({ kind: "end", state: "expired", reason: "busy" });
  });

  it("lets a push expire whose next attempt would start at its deadline", () => {
    const outcome: Outcome = { kind: "deferred", reason: "busy", retryAfterMs: 10_000 };

    expect(decide(anEnd({ outcome, deadline: NOW + 10_000 }), POLICY, () => 0)).toEqual({
      kind: "end",
      state: "expired",
      reason: "busy",
    });
    expect(decide(anEnd({ outcome, deadline: NOW + 10_001 }), POLICY, () => 0).kind).toBe("retry");
  });

  it("tries again never before Retry-After, never at or after the deadline, never beyond the jitter or the last attempt", () => {
    const aCase = fc.record({
      attempts: fc.integer({ min: 1, max: 40 }),
      leftMs: fc.integer({ min: -10_000, max: 120_000 }),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 200_000 }), { nil: undefined }),
      drawn: fc.oneof(fc.constant(0), fc.constant(ALMOST_ONE), fc.double({ min: 0, max: ALMOST_ONE, noNaN: true })),
      baseMs: fc.integer({ min: 1, max: 5_000 }),
      capMs: fc.integer({ min: 1, max: 60_000 }),
      maxAttempts: fc.integer({ min: 1, max: 50 }),
    });

    fc.assert(
      fc.property(aCase, ({ attempts, leftMs, retryAfterMs, drawn, ...policy }) => {
        const outcome: Outcome = {
          kind: "deferred",
          reason: "busy",
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        };
        const decision = decide(anEnd({ outcome, attempts, deadline: NOW + leftMs }), policy, () => drawn);

        if (decision.kind === "end") return;
        const afterMs = decision.at - NOW;
        expect(Number.isInteger(decision.at)).toBe(true);
        expect(attempts).toBeLessThan(policy.maxAttempts);
        expect(afterMs).toBeLessThan(leftMs);
        expect(afterMs).toBeGreaterThanOrEqual(retryAfterMs ?? 0);
        expect(afterMs).toBeLessThanOrEqual(
          Math.max(retryAfterMs ?? 0, Math.min(policy.capMs, policy.baseMs * 2 ** (attempts - 1))),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("draws anew for each delivery, so that phones that failed together do not come back together", () => {
    const draws = [0, 0.25, 0.75];

    const instants = draws.map((drawn) => decide(anEnd({ attempts: 3 }), POLICY, () => drawn));

    expect(instants).toMatchObject([{ at: NOW }, { at: NOW + 1_000 }, { at: NOW + 3_000 }]);
  });
});
