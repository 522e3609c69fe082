import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aCall, aMessage } from "../../test/fixtures/builders.ts";
import { attemptTimeoutMs, readDeadline, type TtlByKind } from "./deadline.ts";

const NOW = 1_800_000_000_000;
const FOUR_WEEKS_MS = 28 * 86_400_000;
const TTL: TtlByKind = { call: 60_000, message: 86_400_000, invite: 3_600_000, groupchat: 7_200_000 };

describe("readDeadline", () => {
  it.each([
    ["the configuration decides where nobody says", aCall(), {}, 60_000],
    ["each kind has its own", aMessage({ kind: "invite" }), {}, 3_600_000],
    ["the preference hides the configuration for a call", aCall(), { mobile_push_expiry: 20 }, 20_000],
    ["the preference is about calls alone", aMessage(), { mobile_push_expiry: 20 }, 86_400_000],
    ["the request hides the preference", aCall({ ttlMs: 5_000 }), { mobile_push_expiry: 20 }, 5_000],
    ["a request for no time at all has the time to begin", aCall({ ttlMs: 0 }), { mobile_push_expiry: 20 }, 4_000],
    ["a time in the past is no time", aCall({ ttlMs: -5_000 }), {}, 4_000],
    ["nothing lives longer than Google keeps it", aMessage({ ttlMs: 10 * FOUR_WEEKS_MS }), {}, FOUR_WEEKS_MS],
  ])("%s", (_rule, request, effective, afterMs) => {
    expect(readDeadline(request, effective, TTL, NOW) - NOW).toBe(afterMs);
  });

  it("lies between now and four weeks, whatever is asked for", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (ttlMs, mobile_push_expiry) => {
        for (const request of [aCall({ ttlMs }), aCall()]) {
          const left = readDeadline(request, { mobile_push_expiry }, TTL, NOW) - NOW;

          expect(left).toBeGreaterThanOrEqual(0);
          expect(left).toBeLessThanOrEqual(FOUR_WEEKS_MS);
        }
      }),
    );
  });
});

describe("attemptTimeoutMs", () => {
  it.each([
    ["a third of what is left", 15_000, 5_000],
    ["never more than ten seconds", 60_000, 10_000],
    ["at least a second", 2_000, 1_000],
    ["but not longer than what is left", 400, 400],
    ["nothing at the deadline", 0, 0],
    ["nothing after it", -1, 0],
    ["whole milliseconds, as a timer wants them", 29_999, 9_999],
  ])("gives an attempt %s", (_rule, left, timeout) => {
    expect(attemptTimeoutMs(NOW + left, NOW)).toBe(timeout);
  });

  it("is a whole number that ends before the deadline, and leaves room for another try while there is any", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 200_000 }), (left) => {
        const timeout = attemptTimeoutMs(NOW + left, NOW);

        expect(Number.isInteger(timeout)).toBe(true);
        expect(timeout).toBeGreaterThanOrEqual(0);
        expect(timeout).toBeLessThanOrEqual(Math.max(left, 0));
        expect(left <= 1_500 || left - timeout > timeout / 2).toBe(true);
      }),
    );
  });
});
