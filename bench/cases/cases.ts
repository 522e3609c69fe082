import { baseCase } from "./base.ts";
import type { BenchCase, Sizes } from "./bench-case.ts";
import { acceptCase, outageCase } from "./outage.ts";
import { endedPushesCase, manyDevicesCase, waitingPushesCase } from "./growth.ts";
import { waitsHttp1Case, waitsHttp2Case } from "./waits.ts";
import { killCase, killWorkerCase } from "./kill.ts";
import { memoryCase } from "./memory.ts";
import { startCase } from "./start.ts";
import { devicesCase, factorCases, processesCase, ratesCase, slowProviderCase } from "./factors.ts";

/** In the order in which they run. */
export const CASES: readonly BenchCase[] = [
  baseCase,
  ratesCase,
  ...factorCases,
  slowProviderCase,
  devicesCase,
  processesCase,
  acceptCase,
  startCase,
  memoryCase,
  outageCase,
  killCase,
  killWorkerCase,
  waitsHttp1Case,
  waitsHttp2Case,
  manyDevicesCase,
  endedPushesCase,
  waitingPushesCase,
];

export const QUICK: Sizes = { rounds: 2, closedPushes: 6_000, openSeconds: 4, warmUpPushes: 5_000, callees: 1_000 };
export const FULL: Sizes = { rounds: 4, closedPushes: 10_000, openSeconds: 6, warmUpPushes: 10_000, callees: 1_000 };
