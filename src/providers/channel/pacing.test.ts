import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countConnect,
  countFruitless,
  forgetFailures,
  FRESH_PACING,
  isFruitless,
  pauseAfterFailure,
  readNextConnect,
  type Pacing,
} from "./pacing.ts";

const SECOND_MS = 1_000;

/** How a connection may end, and how long after its beginning. */
const anEnd = fc.record({
  kind: fc.constantFrom("failed", "fruitless", "answered"),
  afterMs: fc.integer({ min: 0, max: 3_000 }),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});
type End = ReturnType<(typeof anEnd)["generate"]>["value"];

function end(pacing: Pacing, { kind, random }: End, now: number): Pacing {
  if (kind === "answered") return forgetFailures(pacing);
  return kind === "failed" ? pauseAfterFailure(pacing, now, random) : countFruitless(pacing);
}

/** Returns when connections begin if each one begins as soon as allowed after the end of the previous one. */
function connectGreedily(ends: readonly End[]): number[] {
  let [pacing, now] = [FRESH_PACING, 0];
  return ends.map((each) => {
    const begun = Math.max(now, readNextConnect(pacing));
    now = begun + each.afterMs;
    pacing = end(countConnect(pacing, begun), each, now);
    return begun;
  });
}

describe("the pace of connections", () => {
  it("is at most three at once and one a second after that, whatever becomes of them", () => {
    fc.assert(
      fc.property(fc.array(anEnd, { minLength: 1, maxLength: 60 }), (ends) => {
        const begun = connectGreedily(ends);

        for (const [first, from] of begun.entries()) {
          for (const [later, to] of begun.slice(first).entries()) {
            expect(later + 1).toBeLessThanOrEqual(3 + Math.floor((to - from) / SECOND_MS + 1e-6));
          }
        }
      }),
    );
  });

  it("never pauses longer than five seconds: a call has to be sent while it rings", () => {
    fc.assert(
      fc.property(fc.array(anEnd, { maxLength: 60 }), (ends) => {
        let [pacing, now] = [FRESH_PACING, 0];
        for (const each of ends) {
          now = Math.max(now, readNextConnect(pacing));
          pacing = countConnect(pacing, now);
          now += each.afterMs;
          pacing = end(pacing, each, now);
          expect(readNextConnect(pacing) - now).toBeLessThanOrEqual(5 * SECOND_MS);
        }
      }),
    );
  });

  it("slows down while nothing comes about, and not after the provider has answered", () => {
    const pauses = [0, 1, 2, 3, 4, 5].map((failures) => {
      const tired = { ...FRESH_PACING, failures };
      return pauseAfterFailure(tired, 0, 0.5).notBefore;
    });

    expect(pauses).toEqual([187.5, 375, 750, 1_500, 3_000, 3_750]);
    expect(pauseAfterFailure(forgetFailures({ ...FRESH_PACING, failures: 5 }), 0, 0.5).notBefore).toBe(187.5);
  });

  it("takes connections that end without an answer for a failure only when it goes on", () => {
    const twice = countFruitless(countFruitless(FRESH_PACING));

    expect(isFruitless(twice)).toBe(false);
    expect(isFruitless(countFruitless(twice))).toBe(true);
    expect(readNextConnect(twice)).toBe(readNextConnect(FRESH_PACING));
  });
});
