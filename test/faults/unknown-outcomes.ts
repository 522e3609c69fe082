import { isDuring } from "./outages.ts";
import type { Kill, Outage, ProviderEntry, RunRecord } from "./ledgers.ts";

/**
 * How long before a kill, or before a deadline, the provider's answer may have left without the gateway having recorded it:
 * the way of the answer, a turn of the gateway's event loop under load, and one write of the store.
 */
const SETTLE_MARGIN_MS = 250;

/** Leases are renewed well before they end: a shorter outage takes none away. */
const LEASE_LEFT_MS = 2_500;

type Evidence = Pick<RunRecord, "kills" | "outages" | "oracleLagMs">;

/** The gateway could not know, when it was killed, how this attempt had ended. */
function wasInFlight(
  { receivedAt, answeredAt }: ProviderEntry,
  { at, nextStartAt }: Kill,
  { oracleLagMs }: Evidence,
): boolean {
  return receivedAt < nextStartAt && answeredAt > at - SETTLE_MARGIN_MS - oracleLagMs;
}

/** The gateway knew how it had ended, and had no store to write it into before its lease ran out. */
function wasUnrecorded({ receivedAt, answeredAt }: ProviderEntry, outage: Outage, { oracleLagMs }: Evidence): boolean {
  if (outage.readyAt - outage.at < LEASE_LEFT_MS - oracleLagMs) return false;
  return isDuring(receivedAt, answeredAt + SETTLE_MARGIN_MS + oracleLagMs, outage);
}

/** No answer ever came, or the gateway that would have read it was killed: another attempt is called for. */
export function hasUnknownOutcome(entry: ProviderEntry, evidence: Evidence): boolean {
  return (
    entry.answeredAt === Infinity ||
    evidence.kills.some((kill) => wasInFlight(entry, kill, evidence)) ||
    evidence.outages.some((outage) => wasUnrecorded(entry, outage, evidence))
  );
}

/** The answer came about when the gateway had to give the attempt up. */
export function wasAnsweredTooLate(
  { answeredAt }: ProviderEntry,
  deadline: number,
  { oracleLagMs }: Evidence,
): boolean {
  return answeredAt > deadline - SETTLE_MARGIN_MS - oracleLagMs;
}

export interface Duplicates {
  /** Times that the provider took a push for a device that it had taken before. */
  readonly count: number;
  /** Sends in flight at kills, and answers that the provider did not give. */
  readonly allowed: number;
  /** Taken again although the gateway had the answer to the first. */
  readonly unexplained: readonly ProviderEntry[];
  /** Taken again because the store was out of order when the first answer was to be recorded. */
  readonly atOutages: number;
  /** Of the explained ones at kills: the longest time from the provider's answer to the kill. */
  readonly oldestAnswerMs: number;
}

export function readDuplicates(record: RunRecord): Duplicates {
  const taken = record.provider.filter(({ accepted }) => accepted);
  const pairs = [...Map.groupBy(taken, ({ pushId, token }) => `${pushId} ${token}`).values()].flatMap((entries) => {
    const sorted = entries.toSorted((a, b) => a.receivedAt - b.receivedAt);
    return sorted.flatMap((first, index) => sorted.slice(index + 1, index + 2).map((again) => ({ first, again })));
  });
  return {
    count: pairs.length,
    allowed: taken.filter((entry) => hasUnknownOutcome(entry, record)).length,
    unexplained: pairs.filter(({ first, again }) => !isExplained(first, again, record)).map(({ first }) => first),
    atOutages: pairs.filter(({ first }) => record.outages.some((outage) => wasUnrecorded(first, outage, record)))
      .length,
    oldestAnswerMs: Math.max(0, ...pairs.flatMap(({ first }) => agesAtKill(first, record))),
  };
}

/** A gateway that lives and can write knows what it was told: only the one after a kill may send again. */
function isExplained(first: ProviderEntry, again: ProviderEntry, evidence: Evidence): boolean {
  if (first.answeredAt === Infinity) return true;
  if (evidence.outages.some((outage) => wasUnrecorded(first, outage, evidence))) return true;
  return evidence.kills.some((kill) => wasInFlight(first, kill, evidence) && again.receivedAt >= kill.nextStartAt);
}

function agesAtKill(entry: ProviderEntry, evidence: Evidence): number[] {
  return evidence.kills.filter((kill) => wasInFlight(entry, kill, evidence)).map(({ at }) => at - entry.answeredAt);
}
