import { setTimeout as pause } from "node:timers/promises";
import { percentile, readPercentiles } from "../arithmetic/statistics.ts";
import type { LoadResult } from "../load/load-order.ts";
import { buildOrder, countAccepted, measureLoad, waitForArrivals } from "../measure/measure-load.ts";
import { registerDevices, warmUp } from "../measure/prepare.ts";
import { readStoreBytes } from "../measure/store-size.ts";
import { nowMs } from "../monotonic.ts";
import { startGateway, type Gateway } from "../stage/gateway.ts";
import { readCpuMs } from "../stage/process-figures.ts";
import { CALLS, PUSHES_MESSAGE } from "../stage/templates.ts";
import type { Figures } from "../report/targets.ts";
import { BASE_RATE, closedPlan } from "./base.ts";
import { listStores, type BenchCase, type CaseContext, type Fact, type StoreName } from "./bench-case.ts";

const OUTAGE_SECONDS = 60;
const IDLE_MS = 5_000;
const CALLS_PER_SECOND = 100;
const CALL_SECONDS = 15;
/** The breaker probes at growing intervals. */
const DRAIN_PATIENCE_MS = 60_000;

interface Outage {
  readonly backlog: number;
  readonly bytesPerPush: number;
  /** CPU of the gateway while messages wait, of one core. */
  readonly idleShare: number;
  readonly firstSeconds: number;
  readonly allSeconds: number;
  /** Between the tenth and the ninth tenth of the backlog: after the ramp, and before its end. */
  readonly perSecond: number;
  readonly calls: ReturnType<typeof readPercentiles>;
}

/** Fills the queue while the provider is away, brings it back, and sends calls during the drain. */
async function measureOutage({ stage, sizes }: CaseContext, gateway: Gateway): Promise<Outage> {
  const { callees } = sizes;
  const [waiting, calls] = [BASE_RATE * OUTAGE_SECONDS, CALLS_PER_SECOND * CALL_SECONDS];
  const first = stage.takeNumbers(waiting + calls);
  const emptyBytes = await readStoreBytes(gateway);
  await stage.standIn.ask({ kind: "away", isAway: true });
  await stage.standIn.ask({ kind: "watch", first, count: waiting + calls });
  const messages = { ...gateway, template: PUSHES_MESSAGE };
  const filled = await stage.load.ask(buildOrder(messages, { count: waiting, callees, perSecond: BASE_RATE }, first));
  const backlog = countAccepted(filled);
  const bytesPerPush = ((await readStoreBytes(gateway)) - emptyBytes) / backlog;
  const cpuBefore = readCpuMs(gateway.pid);
  await pause(IDLE_MS);
  const idleShare = (readCpuMs(gateway.pid) - cpuBefore) / IDLE_MS;
  const backAt = nowMs();
  await stage.standIn.ask({ kind: "away", isAway: false });
  const fresh = { ...gateway, template: CALLS };
  const rung = await stage.load.ask(
    buildOrder(fresh, { count: calls, callees, perSecond: CALLS_PER_SECOND }, first + waiting),
  );
  await waitForArrivals(stage, backlog + countAccepted(rung), DRAIN_PATIENCE_MS);
  const { arrivedAt = new Float64Array(waiting + calls) } = await stage.standIn.ask({ kind: "collect" });
  const drained = arrivedAt
    .subarray(0, waiting)
    .filter((at) => !Number.isNaN(at))
    .toSorted();
  const [tenth, ninth] = [percentile(drained, 0.1), percentile(drained, 0.9)];
  return {
    backlog,
    bytesPerPush,
    idleShare,
    firstSeconds: ((drained[0] ?? Number.NaN) - backAt) / 1000,
    allSeconds: ((drained.at(-1) ?? Number.NaN) - backAt) / 1000,
    perSecond: (0.8 * drained.length * 1000) / (ninth - tenth),
    calls: readPercentiles(readCallDelays(rung, arrivedAt.subarray(waiting))),
  };
}

function readCallDelays({ dueAt }: LoadResult, arrivedAt: Float64Array): readonly number[] {
  return [...arrivedAt].map((at, index) => at - (dueAt[index] ?? Number.NaN)).filter((delay) => !Number.isNaN(delay));
}

function readFacts(store: StoreName, outage: Outage, saturated: number): readonly Fact[] {
  const { backlog, bytesPerPush, idleShare, firstSeconds, allSeconds, perSecond, calls } = outage;
  return [
    { title: `${store}: messages waiting after the outage`, value: backlog, unit: "" },
    { title: `${store}: bytes per waiting push`, value: bytesPerPush, unit: "bytes" },
    { title: `${store}: CPU while they wait`, value: idleShare * 100, unit: "% of a core" },
    { title: `${store}: provider back to the first message`, value: firstSeconds, unit: "s" },
    { title: `${store}: provider back to the last message`, value: allSeconds, unit: "s" },
    { title: `${store}: drain after the ramp`, value: perSecond, unit: "messages/s" },
    { title: `${store}: saturation throughput`, value: saturated, unit: "messages/s" },
    { title: `${store}: fresh calls meanwhile, at the provider after, p50`, value: calls.p50, unit: "ms" },
    { title: `${store}: fresh calls meanwhile, at the provider after, p99`, value: calls.p99, unit: "ms" },
  ];
}

export const outageCase: BenchCase = {
  id: "outage",
  title: "provider away for 60 s at 500/s, the drain, and fresh calls meanwhile",
  isQuick: false,
  async run(context) {
    const facts: Fact[] = [];
    let figures: Figures = {};
    for (const { store, redis } of listStores(context)) {
      const { stage, sizes } = context;
      await using gateway = await startGateway(stage, { name: "gateway", ...(redis && { redis }) });
      await registerDevices(stage, gateway, sizes.callees);
      const messages = { ...gateway, template: PUSHES_MESSAGE };
      await warmUp(stage, messages, { ...closedPlan(sizes), count: sizes.warmUpPushes });
      const { perSecond } = await measureLoad(stage, messages, closedPlan(sizes));
      const outage = await measureOutage(context, gateway);
      facts.push(...readFacts(store, outage, perSecond));
      const drain = outage.perSecond / perSecond;
      figures = {
        ...figures,
        [`waiting-bytes-${store.toLowerCase()}`]: outage.bytesPerPush,
        drain: Math.min(figures["drain"] ?? Infinity, drain),
      };
    }
    return { comparisons: [], facts, figures };
  },
};

/** Acceptance alone: the provider is away, so that nothing is delivered. */
export const acceptCase: BenchCase = {
  id: "accept",
  title: "acceptance alone: messages while the provider is away",
  isQuick: false,
  async run(context) {
    const { stage, sizes } = context;
    const comparisons = [];
    await stage.standIn.ask({ kind: "away", isAway: true });
    for (const { store, redis } of listStores(context)) {
      await using gateway = await startGateway(stage, {
        name: "gateway",
        template: PUSHES_MESSAGE,
        ...(redis && { redis }),
      });
      await registerDevices(stage, gateway, sizes.callees);
      const plan = { ...closedPlan(sizes), isDelivered: false };
      await warmUp(stage, gateway, { ...plan, count: sizes.warmUpPushes });
      const samples = [];
      for (let round = 0; round < sizes.rounds; round += 1) samples.push(await measureLoad(stage, gateway, plan));
      comparisons.push({ title: store, rows: [{ party: gateway.name, load: plan.name, samples }] });
    }
    await stage.standIn.ask({ kind: "away", isAway: false });
    return { comparisons, facts: [], figures: {} };
  },
};
