import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countConnects, GROW_AFTER_MS, type Crowd } from "./growth.ts";

const aCrowd: fc.Arbitrary<Crowd> = fc.record({
  waiting: fc.nat(10_000),
  fullForMs: fc.nat(1_000),
  ready: fc.nat(9),
  opening: fc.nat(9),
  max: fc.nat(8),
});

describe("how many connections to begin", () => {
  it("is never more than wait, nor more than there may be, nor more than there are", () => {
    fc.assert(
      fc.property(aCrowd, (crowd) => {
        const count = countConnects(crowd);

        expect(count).toBeGreaterThanOrEqual(0);
        expect(count).toBeLessThanOrEqual(crowd.waiting);
        expect(count === 0 || crowd.ready + crowd.opening + count <= crowd.max).toBe(true);
        expect(count + crowd.opening).toBeLessThanOrEqual(Math.max(1, crowd.ready, crowd.opening));
      }),
    );
  });

  it.each<[string, Crowd, number]>([
    ["the first at once", { waiting: 5_000, fullForMs: 0, ready: 0, opening: 0, max: 8 }, 1],
    [
      "no second one before it is known that the first can be had",
      { waiting: 5_000, fullForMs: 900, ready: 0, opening: 1, max: 8 },
      0,
    ],
    [
      "none while a stream may soon be free",
      { waiting: 50, fullForMs: GROW_AFTER_MS - 1, ready: 1, opening: 0, max: 8 },
      0,
    ],
    ["another one when they stay full", { waiting: 50, fullForMs: GROW_AFTER_MS, ready: 1, opening: 0, max: 8 }, 1],
    ["as many as there are", { waiting: 50, fullForMs: GROW_AFTER_MS, ready: 3, opening: 0, max: 8 }, 3],
    ["one for one that waits", { waiting: 1, fullForMs: GROW_AFTER_MS, ready: 3, opening: 0, max: 8 }, 1],
    ["none beyond the limit", { waiting: 50, fullForMs: GROW_AFTER_MS, ready: 8, opening: 0, max: 8 }, 0],
  ])("is %s", (_what, crowd, count) => {
    expect(countConnects(crowd)).toBe(count);
  });
});
