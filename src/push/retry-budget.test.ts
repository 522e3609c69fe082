import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRetryBudget } from "./retry-budget.ts";

describe("a retry budget", () => {
  it("lets the savings be spent at once, and no more", () => {
    const budget = createRetryBudget({ share: 0.1, savings: 3 });

    expect([1, 2, 3, 4].map(() => budget.spend())).toEqual([true, true, true, false]);
  });

  it("earns a tenth of a retry with each first attempt", () => {
    const budget = createRetryBudget({ share: 0.1, savings: 1 });
    budget.spend();

    const earned = Array.from({ length: 11 }, () => {
      budget.earn();
      return budget.spend();
    });

    expect(earned.filter(Boolean)).toHaveLength(1);
  });

  it("never lets more through than its share and its savings, in whatever order attempts and retries come", () => {
    const steps = fc.array(fc.boolean(), { maxLength: 2_000 });

    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (isFirst, savings) => {
        const budget = createRetryBudget({ share: 0.1, savings });
        let retries = 0;
        for (const first of isFirst) {
          if (first) budget.earn();
          else if (budget.spend()) retries += 1;
        }
        return retries <= savings + isFirst.filter(Boolean).length * 0.1 + 1e-6;
      }),
    );
  });
});
