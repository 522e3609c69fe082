import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRetryBudget } from "./retry-budget.ts";

const NOW = 1_800_000_000_000;

describe("a retry budget", () => {
  it("lets the savings be spent at once, and no more", () => {
    const budget = createRetryBudget({ share: 0.1, perSecond: 1, savings: 3 });

    expect([1, 2, 3, 4].map(() => budget.spend(NOW))).toEqual([true, true, true, false]);
  });

  it("earns a tenth of a retry with each first attempt", () => {
    const budget = createRetryBudget({ share: 0.1, perSecond: 0, savings: 1 });
    budget.spend(NOW);

    const allowed = Array.from({ length: 11 }, () => {
      budget.earn(NOW);
      return budget.spend(NOW);
    });

    expect(allowed.filter(Boolean)).toHaveLength(1);
  });

  it("earns with time, too, so that a quiet gateway is not left without", () => {
    const budget = createRetryBudget({ share: 0.1, perSecond: 1, savings: 2 });
    budget.spend(NOW);
    budget.spend(NOW);

    expect(budget.spend(NOW + 999)).toBe(false);
    expect(budget.spend(NOW + 1_000)).toBe(true);
    expect(budget.spend(NOW + 60_000)).toBe(true);
    expect(budget.spend(NOW + 60_000)).toBe(true);
    expect(budget.spend(NOW + 60_000)).toBe(false);
  });

  it("gives back what a retry cost that was taken, so that a recovered provider gets the whole backlog at once", () => {
    const budget = createRetryBudget({ share: 0, perSecond: 0, savings: 1 });

    const allowed = Array.from({ length: 1_000 }, () => {
      const isAllowed = budget.spend(NOW);
      budget.refund(NOW);
      return isAllowed;
    });

    expect(allowed.every(Boolean)).toBe(true);
  });

  it("never lets more through than it has earned and saved, in whatever order attempts and retries come", () => {
    const steps = fc.array(fc.record({ isFirst: fc.boolean(), afterMs: fc.integer({ min: -50, max: 50 }) }), {
      maxLength: 1_000,
    });

    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (course, savings) => {
        const budget = createRetryBudget({ share: 0.1, perSecond: 1, savings });
        let [now, forwardMs, first, retries] = [NOW, 0, 0, 0];
        for (const { isFirst, afterMs } of course) {
          now += afterMs;
          forwardMs += Math.max(0, afterMs);
          if (isFirst) budget.earn(now);
          else if (budget.spend(now)) retries += 1;
          first += isFirst ? 1 : 0;
        }
        return retries <= savings + first * 0.1 + forwardMs / 1000 + 1e-6;
      }),
    );
  });
});
