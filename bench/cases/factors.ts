import { compare, ratioOf, type NamedPlan } from "../measure/compare.ts";
import { registerDevices, warmUp } from "../measure/prepare.ts";
import { startFloor } from "../stage/floor.ts";
import { startGateway, type GatewayVariant } from "../stage/gateway.ts";
import { PUSHES_CALL, PUSHES_MESSAGE, SIPWISE } from "../stage/templates.ts";
import type { Figures } from "../report/targets.ts";
import { BASE_RATE, closedPlan, cpuOf, openPlan } from "./base.ts";
import {
  listStores,
  type BenchCase,
  type CaseContext,
  type CaseResult,
  type Comparison,
  type Sizes,
} from "./bench-case.ts";

type Variant = Omit<GatewayVariant, "name" | "redis">;

/** A full run has many of these cases, and only 90 minutes. */
const halve = (rounds: number) => Math.ceil(rounds / 2);

/** One factor that differs from the base case. */
interface Factor {
  readonly id: string;
  readonly title: string;
  readonly variant: Variant;
}

const FACTORS: readonly Factor[] = [
  { id: "push", title: "Sipwise's GET /push", variant: { template: SIPWISE } },
  { id: "pushes", title: "/v1/pushes, a call", variant: { template: PUSHES_CALL } },
  { id: "message", title: "/v1/pushes, a message", variant: { template: PUSHES_MESSAGE } },
  { id: "certificate", title: "an APNs certificate instead of a key", variant: { credential: "certificate" } },
  { id: "fcm", title: "FCM instead of APNs", variant: { provider: "fcm" } },
  { id: "disk", title: "durability disk", variant: { durability: "disk" } },
];

/** Measures a variant beside the floor and the default, with each store, at saturation and at 500/s. */
async function runFactor(context: CaseContext, { title, variant }: Factor): Promise<CaseResult> {
  const comparisons: Comparison[] = [];
  for (const { store, redis } of listStores(context)) {
    if (redis !== undefined && variant.durability === "disk") continue;
    const { stage, sizes } = context;
    await using floor = await startFloor(stage, redis);
    await using base = await startGateway(stage, { name: "base", ...(redis && { redis }) });
    await using changed = await startGateway(stage, { ...variant, name: "changed", ...(redis && { redis }) });
    for (const gateway of [base, changed]) await registerDevices(stage, gateway, sizes.callees);
    const parties = [floor, base, changed];
    for (const party of parties) await warmUp(stage, party, { ...closedPlan(sizes), count: sizes.warmUpPushes });
    for (const plan of [closedPlan(sizes), openPlan(sizes)])
      comparisons.push({ title: `${store}: ${title}`, rows: await compare(stage, parties, plan, halve(sizes.rounds)) });
  }
  return { comparisons, facts: [], figures: {} };
}

/** Other rates of the base case. Above its capacity the gateway refuses, which the table shows. */
export const ratesCase: BenchCase = {
  id: "rates",
  title: "other rates: 100/s and 2000/s",
  isQuick: false,
  async run(context) {
    const comparisons: Comparison[] = [];
    for (const { store, redis } of listStores(context)) {
      const { stage, sizes } = context;
      await using floor = await startFloor(stage, redis);
      await using gateway = await startGateway(stage, { name: "gateway", ...(redis && { redis }) });
      await registerDevices(stage, gateway, sizes.callees);
      for (const party of [floor, gateway])
        await warmUp(stage, party, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      for (const rate of [100, 2_000])
        comparisons.push({
          title: store,
          rows: await compare(stage, [floor, gateway], openPlan(sizes, rate), halve(sizes.rounds)),
        });
    }
    return { comparisons, facts: [], figures: {} };
  },
};

const SLOW_CONNECTIONS = 128;

/** More requests at once, because each push is longer on its way. */
const slowPlan = (sizes: Sizes): NamedPlan => ({
  ...closedPlan(sizes),
  name: "closed, 128 at once",
  connections: SLOW_CONNECTIONS,
});

/** A provider that takes its time, as the real ones do. */
export const slowProviderCase: BenchCase = {
  id: "slow-provider",
  title: "provider at 0, 50 and 300 ms",
  isQuick: false,
  async run(context) {
    const comparisons: Comparison[] = [];
    let figures: Figures = {};
    const { stage, sizes } = context;
    for (const { store, redis } of listStores(context)) {
      await using floor = await startFloor(stage, redis);
      await using gateway = await startGateway(stage, { name: "gateway", ...(redis && { redis }) });
      await registerDevices(stage, gateway, sizes.callees);
      for (const party of [floor, gateway])
        await warmUp(stage, party, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      const byDelay = new Map<number, Comparison["rows"]>();
      for (const ms of [0, 50, 300]) {
        await stage.standIn.ask({ kind: "delay", ms });
        const rows = await compare(stage, [floor, gateway], slowPlan(sizes), halve(sizes.rounds));
        byDelay.set(ms, rows);
        comparisons.push({ title: `${store}, provider at ${ms} ms`, rows });
      }
      await stage.standIn.ask({ kind: "delay", ms: 0 });
      const ratio = ratioOf(byDelay.get(50)?.[1], byDelay.get(0)?.[1], ({ perSecond }) => perSecond);
      figures = { ...figures, [`provider-50ms-${store.toLowerCase()}`]: ratio ?? Number.NaN };
    }
    return { comparisons, facts: [], figures };
  },
};

const DEVICES = 5;

/** Several devices of each callee: a push of each goes to all of them. */
export const devicesCase: BenchCase = {
  id: "devices",
  title: "5 devices for each callee, per request",
  isQuick: false,
  async run(context) {
    const comparisons: Comparison[] = [];
    for (const { store, redis } of listStores(context)) {
      const { stage, sizes } = context;
      await using gateway = await startGateway(stage, { name: "5 devices", ...(redis && { redis }) });
      await using base = await startGateway(stage, { name: "1 device", ...(redis && { redis }) });
      await registerDevices(stage, gateway, sizes.callees, DEVICES);
      await registerDevices(stage, base, sizes.callees);
      for (const plan of [closedPlan(sizes), openPlan(sizes, BASE_RATE / DEVICES)]) {
        await warmUp(stage, base, plan);
        const five = { ...plan, devices: DEVICES };
        await warmUp(stage, gateway, five);
        const one = await compare(stage, [base], plan, halve(sizes.rounds));
        const many = await compare(stage, [gateway], five, halve(sizes.rounds));
        comparisons.push({ title: store, rows: [...one, ...many] });
      }
    }
    return { comparisons, facts: [], figures: {} };
  },
};

/** Twice the rate for two processes, four times for four, so that each process has the same load. */
export const processesCase: BenchCase = {
  id: "processes",
  title: "2 and 4 processes at 2 and 4 times the rate",
  isQuick: false,
  async run(context) {
    const { stage, sizes } = context;
    const rows: Comparison["rows"][number][] = [];
    for (const processes of [1, 2, 4]) {
      await using gateway = await startGateway(stage, { name: `${processes} processes`, processes });
      await registerDevices(stage, gateway, sizes.callees);
      for (let each = 0; each < processes; each += 1)
        await warmUp(stage, gateway, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      rows.push(...(await compare(stage, [gateway], openPlan(sizes, BASE_RATE * processes), halve(sizes.rounds))));
    }
    const ratio = ratioOf(rows[1], rows[0], cpuOf);
    return { comparisons: [{ title: "SQLite", rows }], facts: [], figures: { "two-processes": ratio ?? Number.NaN } };
  },
};

export const factorCases: readonly BenchCase[] = FACTORS.map((factor) => ({
  id: factor.id,
  title: factor.title,
  isQuick: false,
  run: (context) => runFactor(context, factor),
}));
