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
 * From a kill to the next attempt for a device that was owed one, in milliseconds: its push had been accepted and not been
 * attempted, or the answer to its attempt was lost with the gateway. Where the next gateway was killed as well before
 * it came to it, or was kept away on purpose, nothing is measured.
 */
export function readTakeOvers(record: RunRecord): readonly number[] {
  const { client, provider, oracleLagMs } = record;
  // One that stood still is taken over like one that was killed, and then goes on.
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

/** A lease ends, and somebody looks at the queue soon after. */
const LATEST_TAKE_OVER_MS = 5_000;

/** A gateway that is started again is there before the leases of the last one end, unless the machine has other things to do. */
const LEASE_MS = 4_000;

/** Whoever was killed, its pushes have to go on so soon. */
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
