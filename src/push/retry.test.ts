import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "./outcome.ts";
import { decide, type AttemptEnd, type RetryPolicy } from "./retry.ts";

const NOW = 1_800_000_000_000;
const BUSY_MS = { apns: 15_000, fcm: 10_000, gcm: 9_000 };
const POLICY: RetryPolicy = { baseMs: 1_000, capMs: 8_000, maxAttempts: 5, busyMs: BUSY_MS };
/** Highest value that `random` can return. */
const ALMOST_ONE = 1 - Number.EPSILON / 2;

function anEnd(overrides: Partial<AttemptEnd> = {}): AttemptEnd {
  const outcome: Outcome = { kind: "deferred", reason: "busy" };
  return { outcome, provider: "fcm", attempts: 1, acceptedAt: NOW, deadline: NOW + 60_000, now: NOW, ...overrides };
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
      { kind: "misconfigured", reason: "app_not_served", scope: "device" },
      { kind: "end", state: "failed", reason: "app_not_served" },
    ],
  ] as const)("after %o ends the delivery", (outcome, decision) => {
    expect(decide(anEnd({ outcome }), POLICY, () => 0.5)).toEqual(decision);
  });

  it.each([
    ["the backoff", 1, undefined, 500],
    ["twice that the next time", 2, undefined, 1_000],
    ["not more than the cap", 4, undefined, 4_000],
    ["what the provider wishes, and the backoff on top", 1, 20_000, 20_500],
    ["the same with a longer backoff", 4, 100, 4_100],
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
    const policy = { baseMs: 200, capMs: 2_000, busyMs: BUSY_MS };
    const decideAt = (now: number, attempts: number) => decide(anEnd({ now, attempts }), policy, () => 0.5);

    expect(decideAt(NOW + 57_000, 1_000)).toEqual({ kind: "retry", at: NOW + 58_000, reason: "busy" });
    expect(decideAt(NOW + 59_800, 1_001)).toEqual({ kind: "end", state: "expired", reason: "busy" });
  });

  it.each([
    ["apns", 15_000],
    ["fcm", 10_000],
    ["gcm", 9_000],
  ] as const)("gives a busy %s the pause that it asks for", (provider, floorMs) => {
    const busy: Outcome = { kind: "deferred", reason: "busy", busy: true };

    expect(decide(anEnd({ outcome: busy, provider }), POLICY, () => 0.5)).toMatchObject({ at: NOW + floorMs + 500 });
  });

  it("believes a busy provider that names a time itself", () => {
    const busy: Outcome = { kind: "deferred", reason: "busy", busy: true, retryAfterMs: 3_000 };

    expect(decide(anEnd({ outcome: busy }), POLICY, () => 0)).toMatchObject({ at: NOW + 3_000 });
  });

  it("does not make those wait who only lost their connection", () => {
    expect(decide(anEnd(), POLICY, () => 0)).toMatchObject({ at: NOW });
  });

  it("lets a push expire where the provider's pause leaves no time for an attempt", () => {
    const outcome: Outcome = { kind: "deferred", reason: "busy", retryAfterMs: 10_000 };

    expect(decide(anEnd({ outcome, deadline: NOW + 11_000 }), POLICY, () => 0)).toEqual({
      kind: "end",
      state: "expired",
      reason: "busy",
    });
    expect(decide(anEnd({ outcome, deadline: NOW + 11_001 }), POLICY, () => 0).kind).toBe("retry");
  });

  it("uses the time that is left rather than letting the push expire by chance", () => {
    const decision = decide(anEnd({ attempts: 4, deadline: NOW + 3_000 }), POLICY, () => ALMOST_ONE);

    expect(decision).toEqual({ kind: "retry", at: NOW + 2_000, reason: "busy" });
  });

  const aCase = fc.record({
    provider: fc.constantFrom("apns" as const, "fcm" as const, "gcm" as const),
    attempts: fc.integer({ min: 1, max: 2_000 }),
    leftMs: fc.integer({ min: -10_000, max: 120_000 }),
    retryAfterMs: fc.option(fc.double({ min: 0, max: 200_000, noNaN: true }), { nil: undefined }),
    busy: fc.boolean(),
    drawn: fc.oneof(fc.constant(0), fc.constant(ALMOST_ONE), fc.double({ min: 0, max: ALMOST_ONE, noNaN: true })),
    baseMs: fc.integer({ min: 1, max: 5_000 }),
    capMs: fc.integer({ min: 1, max: 60_000 }),
    maxAttempts: fc.integer({ min: 1, max: 3_000 }),
  });

  it("tries again never before the provider's pause, never at the deadline, never beyond the jitter or the last attempt", () => {
    fc.assert(
      fc.property(aCase, ({ provider, attempts, leftMs, retryAfterMs, busy, drawn, ...bounds }) => {
        const outcome: Outcome = {
          kind: "deferred",
          reason: "busy",
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          ...(busy ? { busy } : {}),
        };
        const end = anEnd({ outcome, provider, attempts, deadline: NOW + leftMs });
        const decision = decide(end, { ...bounds, busyMs: BUSY_MS }, () => drawn);
        const floorMs = retryAfterMs ?? (busy ? BUSY_MS[provider] : 0);

        const isWorthOne = Math.ceil(floorMs) < leftMs - bounds.baseMs;
        expect(decision.kind).toBe(isWorthOne && attempts < bounds.maxAttempts ? "retry" : "end");
        if (decision.kind === "end") return;
        const afterMs = decision.at - NOW;
        expect(Number.isInteger(decision.at)).toBe(true);
        expect(afterMs).toBeLessThan(leftMs);
        expect(afterMs).toBeGreaterThanOrEqual(floorMs);
        const jitterMs = Math.min(bounds.capMs, bounds.baseMs * 2 ** (attempts - 1));
        expect(afterMs).toBeLessThanOrEqual(Math.ceil(floorMs) + jitterMs);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never brings a retry forward for a longer pause of the provider's", () => {
    fc.assert(
      fc.property(aCase, fc.nat({ max: 60_000 }), ({ provider, attempts, drawn, ...bounds }, longer) => {
        const policy = { ...bounds, busyMs: BUSY_MS };
        const retryAt = (retryAfterMs: number): number => {
          const outcome: Outcome = { kind: "deferred", reason: "busy", retryAfterMs };
          const decision = decide(anEnd({ outcome, provider, attempts, deadline: NOW + 300_000 }), policy, () => drawn);
          return decision.kind === "retry" ? decision.at : Infinity;
        };

        expect(retryAt(1_000 + longer)).toBeGreaterThanOrEqual(retryAt(1_000));
      }),
    );
  });

  it("draws anew for each delivery, so that phones that failed together do not come back together", () => {
    const draws = [0, 0.25, 0.75];
    const outcome: Outcome = { kind: "deferred", reason: "busy", retryAfterMs: 30_000 };

    const instants = draws.map((drawn) => decide(anEnd({ outcome, attempts: 3 }), POLICY, () => drawn));

    expect(instants).toMatchObject([{ at: NOW + 30_000 }, { at: NOW + 31_000 }, { at: NOW + 33_000 }]);
  });
});
