import { compare, ratioOf, type NamedPlan, type Row } from "../measure/compare.ts";
import type { Sample } from "../measure/measure-load.ts";
import { registerDevices, warmUp } from "../measure/prepare.ts";
import { startFloor } from "../stage/floor.ts";
import { startGateway } from "../stage/gateway.ts";
import type { Figures } from "../report/targets.ts";
import { listStores, type BenchCase, type Comparison, type Sizes, type StoreName } from "./bench-case.ts";

export const BASE_RATE = 500;

export function closedPlan({ closedPushes: count, callees }: Sizes): NamedPlan {
  return { name: "closed", count, callees };
}

export function openPlan({ openSeconds, callees }: Sizes, perSecond = BASE_RATE): NamedPlan {
  return { name: `${perSecond}/s`, count: perSecond * openSeconds, callees, perSecond };
}

export const cpuOf = ({ cpuUs }: Sample) => cpuUs;

/** SQLite and Redis with their defaults, beside the floor with the same store. */
export const baseCase: BenchCase = {
  id: "base",
  title: "base: durability process, APNs key, /v1/calls, one device, provider at 0 ms",
  isQuick: true,
  async run(context) {
    const comparisons: Comparison[] = [];
    let figures: Figures = {};
    for (const { store, redis } of listStores(context)) {
      const { sizes, stage } = context;
      await using floor = await startFloor(stage, redis);
      await using gateway = await startGateway(stage, { name: "gateway", ...(redis && { redis }) });
      await registerDevices(stage, gateway, sizes.callees);
      const fresh = { ...closedPlan(sizes), count: sizes.warmUpPushes };
      for (const party of [floor, gateway]) await warmUp(stage, party, fresh);
      const parties = [floor, gateway];
      const closed = await compare(stage, parties, closedPlan(sizes), sizes.rounds);
      const open = await compare(stage, parties, openPlan(sizes), sizes.rounds);
      comparisons.push({ title: store, rows: closed }, { title: store, rows: open });
      figures = { ...figures, ...readFigures(store, closed, open) };
    }
    return { comparisons, facts: [], figures };
  },
};

function readFigures(store: StoreName, closed: readonly Row[], open: readonly Row[]): Figures {
  const ratio = ([floor, gateway]: readonly Row[], read: (sample: Sample) => number) =>
    ratioOf(gateway, floor, read) ?? Number.NaN;
  const key = store === "SQLite" ? "sqlite" : "redis";
  return {
    [`cpu-closed-${key}`]: ratio(closed, cpuOf),
    [`cpu-500-${key}`]: ratio(open, cpuOf),
    [`provider-p50-${key}`]: ratio(open, ({ provider }) => provider.p50),
    [`provider-p99-${key}`]: ratio(open, ({ provider }) => provider.p99),
  };
}
