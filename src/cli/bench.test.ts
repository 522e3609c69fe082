import { expect, it } from "vitest";
import { findHighestRate, type Step } from "./bench.ts";

/** A machine that keeps a limit of 15 ms up to some rate, and then fails in one way. */
function createMachine(highest: number, failure: Partial<Step>) {
  return async (perSecond: number): Promise<Step> => {
    const step: Step = { perSecond, p50Ms: 1, p99Ms: 14, refused: 0, isDelivered: true };
    return perSecond <= highest ? step : { ...step, ...failure };
  };
}

async function findRates(highest: number, failure: Partial<Step>) {
  const steps = await findHighestRate({ p99: 15 }, createMachine(highest, failure));
  return steps.map(({ perSecond }) => perSecond);
}

it("doubles the rate until the limit is missed, then halves the gap", async () => {
  expect(await findRates(350, { p99Ms: 16 })).toEqual([50, 100, 200, 400, 300, 350, 375]);
});

it.each([{ refused: 1 }, { isDelivered: false }, { p99Ms: 15.1 }])(
  "takes %o for a rate that is too high",
  async (failure) => {
    expect(await findRates(100, failure)).toEqual([50, 100, 200, 150, 125, 113]);
  },
);

it("ends after the first rate if the machine does not keep even that", async () => {
  expect(await findRates(10, { p99Ms: 100 })).toEqual([50]);
});
