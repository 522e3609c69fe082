import { baseCase } from "./base.ts";
import type { BenchCase, Sizes } from "./bench-case.ts";
import { devicesCase, factorCases, processesCase, ratesCase, slowProviderCase } from "./factors.ts";

/** In the order in which they run. */
export const CASES: readonly BenchCase[] = [
  baseCase,
  ratesCase,
  ...factorCases,
  slowProviderCase,
  devicesCase,
  processesCase,
];

export const QUICK: Sizes = { rounds: 2, closedPushes: 6_000, openSeconds: 4, warmUpPushes: 5_000, callees: 1_000 };
export const FULL: Sizes = { rounds: 4, closedPushes: 10_000, openSeconds: 6, warmUpPushes: 10_000, callees: 1_000 };
