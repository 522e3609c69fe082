import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interleave } from "./interleave.ts";
import { median, percentile, readPercentiles, slopeOf, summarize } from "./statistics.ts";
import { hasMissed, judge, type Target } from "./verdicts.ts";

const AT_MOST: Target = { id: "cpu", title: "CPU", bound: "at most", limit: 2.2 };
const AT_LEAST: Target = { id: "drain", title: "drain", bound: "at least", limit: 0.9 };

describe("median", () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 2, 4, 100], 7],
  ])("of %o is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it("refuses to invent one", () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it("has as many values below as above", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        return below <= values.length / 2 && above <= values.length / 2;
      }),
    );
  });
});

describe("summarize", () => {
  it("gives the median and the range", () => {
    expect(summarize([4, 1, 2])).toEqual({ median: 2, least: 1, most: 4, count: 3 });
  });

  it("ignores what was not measured", () => {
    expect(summarize([Number.NaN, 2])).toEqual({ median: 2, least: 2, most: 2, count: 1 });
    expect(summarize([Number.NaN])).toBeUndefined();
  });
});

describe("percentile", () => {
  it("is a value that was measured", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(readPercentiles(hundred)).toEqual({ p50: 50, p95: 95, p99: 99 });
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe("slopeOf", () => {
  it("finds the growth per unit through noise", () => {
    expect(
      slopeOf([
        [0, 1],
        [1, 5],
        [2, 5],
        [3, 9],
      ]),
    ).toBeCloseTo(2.4);
    expect(
      slopeOf([
        [0, 7],
        [1, 7],
      ]),
    ).toBe(0);
    expect(slopeOf([[1, 7]])).toBeNaN();
  });
});

describe("interleave", () => {
  it("measures A B B A", () => {
    expect(interleave(["A", "B"], 2)).toEqual(["A", "B", "B", "A"]);
    expect(interleave(["A", "B", "C"], 3)).toEqual(["A", "B", "C", "C", "B", "A", "A", "B", "C"]);
  });

  it("favours nobody if the load of the machine grows steadily", () => {
    const order = interleave(["A", "B"], 4);
    const sumOf = (party: string) => order.reduce((sum, name, place) => sum + (name === party ? place : 0), 0);

    expect(sumOf("A")).toBe(sumOf("B"));
  });
});

describe("judge", () => {
  it.each([
    [AT_MOST, 2.2, "met"],
    [AT_MOST, 2.21, "missed"],
    [AT_LEAST, 0.9, "met"],
    [AT_LEAST, 0.89, "missed"],
    [AT_MOST, undefined, "not measured"],
    [AT_LEAST, Number.NaN, "not measured"],
  ] as const)("%o with %s is %s", (target, value, verdict) => {
    expect(judge(target, value)).toEqual({ ...target, value, verdict });
  });

  it("fails a strict run for a missed target alone", () => {
    expect(hasMissed([judge(AT_MOST, 1), judge(AT_LEAST, undefined)])).toBe(false);
    expect(hasMissed([judge(AT_MOST, 1), judge(AT_LEAST, 0.5)])).toBe(true);
  });
});
