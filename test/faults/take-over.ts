import type { RunRecord } from "./ledgers.ts";
import { readAcceptances } from "./read-client.ts";
import { hasUnknownOutcome } from "./unknown-outcomes.ts";

export interface Spread {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Returns the times, in milliseconds, from a kill to the next attempt for a device whose push had been accepted but not
 * attempted, or whose answer was lost with the gateway. Nothing is measured if the next gateway was killed before that,
 * or kept away on purpose.
 */
export function readTakeOvers(record: RunRecord): readonly number[] {
  const { client, provider, oracleLagMs } = record;
  // A frozen gateway's pushes are taken over as after a kill, but it continues afterwards.
  const kills = record.kills.filter(({ thawedAt }) => thawedAt === undefined);
  const byDevice = Map.groupBy(provider, ({ pushId, token }) => `${pushId} ${token}`);
  const acceptedAt = new Map(client.flatMap((entry) => readAcceptances(entry).map(({ id, at }) => [id, at] as const)));
  return [...byDevice.values()].flatMap((unsorted) => {
    const entries = unsorted.toSorted((a, b) => a.receivedAt - b.receivedAt);
    return entries.flatMap((entry, index) => {
      const before = entries[index - 1];
      const kill = kills.findLast(({ nextStartAt }) => nextStartAt <= entry.receivedAt);
      if (kill === undefined || kill.staysAway === true) return [];
      const since = before?.receivedAt ?? acceptedAt.get(entry.pushId) ?? Infinity;
      const isOwed =
        before === undefined || hasUnknownOutcome(before, { kills: [kill], outages: [], lostAnswers: [], oracleLagMs });
      const previousKill = kills.findLast(({ at }) => at < kill.at);
      const isFirstTaker = previousKill === undefined || since >= previousKill.nextStartAt;
      return isOwed && since < kill.at && isFirstTaker ? [entry.receivedAt - kill.at] : [];
    });
  });
}

/** A lease expires, and the queue is polled soon after. */
const LATEST_TAKE_OVER_MS = 5_000;

/** A restarted gateway is ready before the leases of the last one expire, unless the machine is busy. */
const LEASE_MS = 4_000;

/** Checks how soon the pushes of a killed gateway continue. */
export function listLateTakeOvers(
  { takeOverMs: { samples, p99 } }: { readonly takeOverMs: Spread },
  { kills, oracleLagMs }: Pick<RunRecord, "kills" | "oracleLagMs">,
): readonly string[] {
  const slowStartMs = Math.max(0, ...kills.map(({ at, listeningAt = at }) => listeningAt - at - LEASE_MS));
  const isLate = p99 > LATEST_TAKE_OVER_MS + slowStartMs + oracleLagMs;
  return isLate ? [`taken over after ${p99} ms (p99 of ${samples})`] : [];
}

export function readSpread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { samples: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
