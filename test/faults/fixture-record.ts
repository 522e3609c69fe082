import type { ClientLedger } from "./client-ledger.ts";
import type { GatewayRuns } from "./gateway-runs.ts";
import type { CounterEntry, Outage, RunRecord } from "./ledgers.ts";
import { pollUntil } from "./poll-until.ts";
import type { ProviderLedger } from "./provider-ledger.ts";
import type { PushClient } from "./push-client.ts";
import { readAcceptances } from "./read-client.ts";
import { readMetrics, readStates } from "./state-ledger.ts";

/** One gateway with a client that uses only it. */
export interface RigGateway {
  readonly runs: GatewayRuns;
  readonly client: PushClient;
}

interface RigParts {
  readonly client: PushClient;
  readonly ledger: ClientLedger;
  readonly gateways: readonly RigGateway[];
}

/** Pushes that the store did not confirm in time are counted as accepted only later. */
const COUNTED_LATE_MS = 15_000;

export async function awaitQuiet({ client, ledger, gateways }: RigParts, timeoutMs: number): Promise<void> {
  await pollUntil("the queue to be empty", timeoutMs, async () => {
    if (ledger.openAttempts > 0) return `${ledger.openAttempts} requests are under way`;
    const { queued } = await readMetrics(client);
    return queued === 0 || `${queued} pushes are queued`;
  });
  // If they never agree, the invariant reports it.
  await pollUntil("the counters to agree", COUNTED_LATE_MS, async () => {
    const counters = await readCounters(gateways);
    return counters === undefined || counters.accepted === counters.ended;
  }).catch(() => undefined);
}

export interface RecordParts extends RigParts {
  readonly provider: ProviderLedger;
  readonly outages: readonly Outage[];
  readonly oracleLagMs: () => number;
}

export async function readRecord(parts: RecordParts): Promise<RunRecord> {
  const { client, ledger, provider, gateways, outages } = parts;
  const lagMs = parts.oracleLagMs();
  ledger.sync();
  const told = ledger.entries().flatMap((entry) => readAcceptances(entry).map(({ id }) => id));
  const sent = provider.entries().map(({ pushId }) => pushId);
  const runs = gateways.map((gateway) => gateway.runs);
  return {
    client: ledger.entries(),
    provider: provider.entries(),
    states: await readStates(client, new Set([...told, ...sent])),
    endings: addUp(runs.map(({ endings }) => endings)),
    kills: runs.flatMap(({ kills }) => kills).toSorted((a, b) => a.at - b.at),
    lostAnswers: runs.flatMap(({ lostAnswers }) => lostAnswers),
    outages,
    queueLeft: (await readMetrics(client)).queued,
    counters: await readCounters(gateways),
    accidents: runs.flatMap(({ accidents }) => accidents),
    oracleLagMs: lagMs,
  };
}

/** Returns sums over all gateways, or undefined if one was restarted, because its earlier counters are lost. */
async function readCounters(gateways: readonly RigGateway[]): Promise<CounterEntry | undefined> {
  const isWhole = ({ starts, kills }: GatewayRuns) =>
    starts === 1 && kills.every(({ thawedAt }) => thawedAt !== undefined);
  if (!gateways.every(({ runs }) => isWhole(runs))) return undefined;
  const pages = await Promise.all(gateways.map(({ client }) => readMetrics(client)));
  const sum = (read: (counters: CounterEntry) => number) => pages.reduce((total, page) => total + read(page), 0);
  return {
    accepted: sum(({ accepted }) => accepted),
    ended: sum(({ ended }) => ended),
    leasesLost: sum(({ leasesLost }) => leasesLost),
    attemptsDelivered: sum(({ attemptsDelivered }) => attemptsDelivered),
  };
}

function addUp(counts: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [id, count] of counts.flatMap((map) => [...map])) sums.set(id, (sums.get(id) ?? 0) + count);
  return sums;
}
