import { setTimeout as pause } from "node:timers/promises";
import { readPercentiles, type Percentiles } from "../arithmetic/statistics.ts";
import type { LoadOrder, LoadResult } from "../load/load-order.ts";
import { nowMs } from "../monotonic.ts";
import type { Party } from "../stage/party.ts";
import { readCpuMs, readRssBytes } from "../stage/process-figures.ts";
import type { Stage } from "../stage/stage.ts";

export interface LoadPlan {
  readonly count: number;
  readonly callees: number;
  /** Undefined for as fast as the answers come. */
  readonly perSecond?: number;
  /** Concurrent requests without a rate; 64 by default. */
  readonly connections?: number;
  /** Pushes that arrive per request: one for each device. */
  readonly devices?: number;
  /** False if no provider is meant to get anything. */
  readonly isDelivered?: boolean;
}

/** One measured load. Times are in milliseconds. */
export interface Sample {
  readonly accepted: number;
  readonly refused: number;
  /** Requests without an answer. */
  readonly failed: number;
  /** Accepted pushes that never arrived. */
  readonly lost: number;
  /** Pushes that arrived more often than the subscriber has devices. */
  readonly twice: number;
  /** Microseconds of all processes of the party, per accepted push, until all have arrived. NaN if not known. */
  readonly cpuUs: number;
  /** The same of Redis; 0 without Redis. */
  readonly redisCpuUs: number;
  /** From the first request to the last arrival. */
  readonly perSecond: number;
  /** From the time at which a request was due. */
  readonly answer: Percentiles;
  readonly provider: Percentiles;
  readonly rssMb: number;
  /** From the first to the last request that was refused or got no answer; 0 if all were accepted. */
  readonly refusedForMs: number;
  /** The same for requests without an answer alone. */
  readonly unansweredForMs: number;
}

const CLOSED_CONNECTIONS = 64;
const OPEN_CONNECTIONS = 1_000;
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 25;
/** After the last arrival: the gateway has still to note the last answers. */
const SETTLE_MS = 250;

export function buildOrder(party: Party, plan: LoadPlan, first: number): LoadOrder {
  const { perSecond, count, callees } = plan;
  const connections = plan.connections ?? (perSecond === undefined ? CLOSED_CONNECTIONS : OPEN_CONNECTIONS);
  const { target, template } = party;
  const order = { target, template, first, count, callees, connections, patienceMs: PATIENCE_MS };
  return perSecond === undefined ? order : { ...order, perSecond };
}

export async function measureLoad(stage: Stage, party: Party, plan: LoadPlan): Promise<Sample> {
  const { count, devices = 1, isDelivered = true } = plan;
  const first = stage.takeNumbers(count);
  await stage.standIn.ask({ kind: "watch", first, count });
  const before = readCpu(party);
  const result = await stage.load.ask(buildOrder(party, plan, first));
  const accepted = countAccepted(result);
  if (isDelivered) await waitForArrivals(stage, accepted * devices);
  await pause(SETTLE_MS);
  const after = readCpu(party);
  const { arrivedAt, times } = await collect(stage, count, (arrivals) =>
    isDelivered ? readFates(result, arrivals, devices, true).lost : 0,
  );
  return {
    ...readFates(result, times, devices, isDelivered),
    cpuUs: ((after.party - before.party) * 1000) / accepted,
    redisCpuUs: ((after.redis - before.redis) * 1000) / accepted,
    perSecond: readRate(result, isDelivered ? arrivedAt : result.answeredAt, accepted),
    answer: readDelays(result, result.answeredAt),
    provider: readDelays(result, arrivedAt),
    rssMb: party.pid === 0 ? Number.NaN : readRssBytes(party.pid) / 1024 / 1024,
    refusedForMs: readSpan(result, (status) => !isAccepted(status)),
    unansweredForMs: readSpan(result, (status) => status === 0),
  };
}

interface Arrivals {
  readonly arrivedAt: Float64Array;
  readonly times: Uint16Array;
}

/** Collects the arrivals. If some are missing, waits as long as others come: after a crash a lease has to end first. */
async function collect(stage: Stage, count: number, countMissing: (times: Uint16Array) => number): Promise<Arrivals> {
  let missing = Infinity;
  let until = 0;
  for (;;) {
    const { arrivedAt = new Float64Array(count), times = new Uint16Array(count) } = await stage.standIn.ask({
      kind: "collect",
    });
    const now = countMissing(times);
    if (now < missing) until = nowMs() + PATIENCE_MS;
    missing = now;
    if (missing === 0 || nowMs() > until) return { arrivedAt, times };
    await pause(SETTLE_MS);
  }
}

function readCpu({ pid, redisPid }: Party): { readonly party: number; readonly redis: number } {
  return { party: pid === 0 ? Number.NaN : readCpuMs(pid), redis: redisPid === 0 ? 0 : readCpuMs(redisPid) };
}

const isAccepted = (status: number | undefined) => status !== undefined && status >= 200 && status < 300;

export function countAccepted({ statuses }: LoadResult): number {
  return statuses.filter(isAccepted).length;
}

/** Waits for that many requests at the stand-in, or until none has come for the time limit. */
export async function waitForArrivals(stage: Stage, wanted: number, patienceMs = PATIENCE_MS): Promise<void> {
  let seen = -1;
  let until = 0;
  for (;;) {
    const { requests } = await stage.standIn.ask({ kind: "progress" });
    if (requests >= wanted) return;
    if (requests > seen) until = nowMs() + patienceMs;
    if (nowMs() > until) return;
    seen = requests;
    await pause(LOOK_EVERY_MS);
  }
}

/** Counts the pushes by their end. */
function readFates({ statuses }: LoadResult, times: Uint16Array, devices: number, isDelivered: boolean) {
  let [accepted, refused, failed, lost, twice] = [0, 0, 0, 0, 0];
  for (const [index, status] of statuses.entries()) {
    const came = times[index] ?? 0;
    if (isAccepted(status)) accepted += 1;
    else if (status === 0) failed += 1;
    else refused += 1;
    if (isDelivered && isAccepted(status) && came < devices) lost += 1;
    if (came > devices) twice += 1;
  }
  return { accepted, refused, failed, lost, twice };
}

function readSpan({ dueAt, statuses }: LoadResult, counts: (status: number | undefined) => boolean): number {
  const times = dueAt.filter((_, index) => counts(statuses[index]));
  return times.length === 0 ? 0 : (times.at(-1) ?? 0) - (times[0] ?? 0);
}

function readRate({ dueAt }: LoadResult, endedAt: Float64Array, accepted: number): number {
  const begin = dueAt.reduce((least, at) => (at < least ? at : least), Infinity);
  const end = endedAt.reduce((most, at) => (at > most ? at : most), -Infinity);
  return (accepted * 1000) / (end - begin);
}

function readDelays({ dueAt, statuses }: LoadResult, at: Float64Array): Percentiles {
  const delays: number[] = [];
  for (const [index, status] of statuses.entries()) {
    const delay = (at[index] ?? Number.NaN) - (dueAt[index] ?? Number.NaN);
    if (isAccepted(status) && !Number.isNaN(delay)) delays.push(delay);
  }
  return readPercentiles(delays);
}
