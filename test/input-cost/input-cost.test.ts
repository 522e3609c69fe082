import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { measureSlowness, startCostFixture, type CostFixture } from "./cost-fixture.ts";
import { UNITS, type InputShape } from "./input-shape.ts";
import { LARGE_SHAPES } from "./large-inputs.ts";
import { SMALL_SHAPES } from "./small-inputs.ts";

// Limits for the ratio of CPU times. They leave room for a slow run. Input that is read to its end without need, or
// more than once for each of its parts, takes a thousand times longer.
const RATIO = { small: 150, large: 600 };
const RUNS = 3;
/** Limit for any accepted input, in CPU milliseconds of the reference machine. */
const MOST_MS = 50;

const SMALL_INPUT = {
  method: "POST",
  url: "/push",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "callee=alice&domain=example.org&caller=bob",
} as const;

describe("the CPU time of a request", () => {
  let fixture: CostFixture;
  let small: number;
  let limits: Record<keyof typeof RATIO, number>;

  beforeAll(async () => {
    fixture = await startCostFixture();
    await fixture.measure(SMALL_INPUT, 50);
    small = await fixture.measure(SMALL_INPUT, 50);
    const mostMs = MOST_MS * measureSlowness();
    limits = { small: Math.min(mostMs, RATIO.small * small), large: Math.min(mostMs, RATIO.large * small) };
    return () => fixture[Symbol.asyncDispose]();
  });

  it.each([
    ["of up to 256 KiB", SMALL_SHAPES, "small"],
    ["of up to 5 MiB", LARGE_SHAPES, "large"],
  ] as const)(
    "%s stays near that of a small one and below 50 ms, whatever it holds",
    async (_what, shapes, bound) => {
      const size = fc.double({ min: 0.5, max: 1, noNaN: true });
      const input = fc.record({ shape: fc.constantFrom(...shapes), unit: fc.constantFrom(...UNITS), size });

      await fc.assert(
        fc.asyncProperty(input, async ({ shape, unit, size: share }) => {
          const cost = await measureShape(shape, unit, share, limits[bound]);

          expect(cost).toBeLessThan(limits[bound]);
        }),
        { numRuns: 25 },
      );
    },
    120_000,
  );

  it.each(SMALL_SHAPES)("at its largest stays near that of a small one and below 50 ms: $name", async (shape) => {
    expect(await measureShape(shape, '"', 1, limits.small)).toBeLessThan(limits.small);
  });

  it.each(LARGE_SHAPES)("at its largest stays near that of a small one and below 50 ms: $name", async (shape) => {
    for (const unit of ['"', "+"]) expect(await measureShape(shape, unit, 1, limits.large)).toBeLessThan(limits.large);
  });

  /** Measures again if the result is too high: a garbage collection or another program may have interfered. */
  async function measureShape({ build, maxBytes }: InputShape, unit: string, share: number, limit: number) {
    const input = build(Math.floor(maxBytes * share), unit);
    const cost = await fixture.measure(input, RUNS);
    return cost < limit ? cost : Math.min(cost, await fixture.measure(input, RUNS * 4));
  }
});
