import { isDuring } from "./outages.ts";
import type { Kill, Outage, ProviderEntry, RunRecord } from "./ledgers.ts";

/**
 * How long before a kill, or before a deadline, the provider may have answered without the gateway having recorded it:
 * the way of the answer, a turn of the event loop under load, and one write of the store.
 */
const SETTLE_MARGIN_MS = 250;

/** Leases are renewed well before they expire, so a shorter outage costs none. */
const LEASE_LEFT_MS = 2_500;
/** No attempt begins under a lease that may have expired, and none is renewed in an outage. */
const LEASE_MS = 4_000;

type Evidence = Pick<RunRecord, "kills" | "outages" | "lostAnswers" | "oracleLagMs">;

/** When it was killed or frozen, the gateway could not know how this attempt had ended. */
function wasInFlight(
  { receivedAt, answeredAt }: ProviderEntry,
  { at, nextStartAt }: Kill,
  { oracleLagMs }: Evidence,
): boolean {
  return receivedAt < nextStartAt && answeredAt > at - SETTLE_MARGIN_MS - oracleLagMs;
}

/** The attempt had begun before the freeze, and its bytes were sent after it. */
function leftAtThaw({ receivedAt }: ProviderEntry, { thawedAt }: Kill, { oracleLagMs }: Evidence): boolean {
  return thawedAt !== undefined && receivedAt >= thawedAt && receivedAt <= thawedAt + SETTLE_MARGIN_MS + oracleLagMs;
}

/** The gateway knew the result, but had no store to write it into before its lease expired. */
function wasUnrecorded({ receivedAt, answeredAt }: ProviderEntry, outage: Outage, { oracleLagMs }: Evidence): boolean {
  if (outage.readyAt - outage.at < LEASE_LEFT_MS - oracleLagMs) return false;
  if (receivedAt > outage.at + LEASE_MS + SETTLE_MARGIN_MS + oracleLagMs) return false;
  return isDuring(receivedAt, answeredAt + SETTLE_MARGIN_MS + oracleLagMs, outage);
}

export function wasInFlightAtKill(entry: ProviderEntry, evidence: Evidence): boolean {
  return evidence.kills.some((kill) => wasInFlight(entry, kill, evidence) || leftAtThaw(entry, kill, evidence));
}

/** No answer came, or the gateway that would have read it was killed, so another attempt is needed. */
export function hasUnknownOutcome(entry: ProviderEntry, evidence: Evidence): boolean {
  return (
    entry.answeredAt === Infinity ||
    wasInFlightAtKill(entry, evidence) ||
    wasGivenUp(entry, evidence) ||
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

/** Reasons for sending a push to a device that had it already. */
export const DUPLICATE_CAUSES = {
  kill: "whose first answer died with its gateway",
  outage: "whose first answer Redis could not record before the lease ended",
  thaw: "that a frozen gateway had begun",
  gaveUp: "whose first answer came when the gateway had given it up",
  silence: "that the provider did not answer the first time",
} as const;
export type DuplicateCause = keyof typeof DUPLICATE_CAUSES;

export interface Duplicates {
  /** How often the provider accepted a push for a device again. */
  readonly count: number;
  /** Sends in flight at kills, and answers that the provider did not give. */
  readonly allowed: number;
  readonly byCause: Readonly<Record<DuplicateCause, number>>;
  /** Pushes accepted again although the gateway had the answer to the first. */
  readonly unexplained: readonly { readonly first: ProviderEntry; readonly again: ProviderEntry }[];
  /** For those explained by kills: the longest time from the provider's answer to the kill. */
  readonly oldestAnswerMs: number;
}

export function readDuplicates(record: RunRecord): Duplicates {
  const taken = record.provider.filter(({ accepted }) => accepted);
  const pairs = [...Map.groupBy(taken, ({ pushId, token }) => `${pushId} ${token}`).values()].flatMap((entries) => {
    const sorted = entries.toSorted((a, b) => a.receivedAt - b.receivedAt);
    return sorted.flatMap((first, index) =>
      sorted.slice(index + 1, index + 2).map((again) => ({ first, again, cause: readCause(first, again, record) })),
    );
  });
  const countCause = (wanted: DuplicateCause) => pairs.filter(({ cause }) => cause === wanted).length;
  return {
    count: pairs.length,
    allowed: taken.filter((entry) => hasUnknownOutcome(entry, record)).length,
    byCause: {
      kill: countCause("kill"),
      outage: countCause("outage"),
      thaw: countCause("thaw"),
      gaveUp: countCause("gaveUp"),
      silence: countCause("silence"),
    },
    unexplained: pairs.filter(({ cause }) => cause === undefined),
    oldestAnswerMs: Math.max(0, ...pairs.flatMap(({ first }) => agesAtKill(first, record))),
  };
}

/** A gateway that lives, waits and can write knows the answer. Only the one after a kill may send again. */
function readCause(first: ProviderEntry, again: ProviderEntry, evidence: Evidence): DuplicateCause | undefined {
  const { kills, outages } = evidence;
  if (first.answeredAt === Infinity) return "silence";
  if (outages.some((outage) => wasUnrecorded(first, outage, evidence))) return "outage";
  if (isSplitByThaw(first, again, evidence)) return "thaw";
  if (kills.some((kill) => wasInFlight(first, kill, evidence) && again.receivedAt >= kill.nextStartAt)) return "kill";
  return wasGivenUp(first, evidence, again.receivedAt) ? "gaveUp" : undefined;
}

/** The gateway's log says so, after the provider had received the push and before it was sent again. */
export function wasGivenUp(
  { pushId, provider, receivedAt }: ProviderEntry,
  { lostAnswers }: Evidence,
  before = Infinity,
): boolean {
  return lostAnswers.some(
    (lost) => lost.pushId === pushId && lost.provider === provider && lost.at >= receivedAt && lost.at <= before,
  );
}

function isSplitByThaw(first: ProviderEntry, again: ProviderEntry, evidence: Evidence): boolean {
  return evidence.kills.some((kill) => leftAtThaw(first, kill, evidence) || leftAtThaw(again, kill, evidence));
}

function agesAtKill(entry: ProviderEntry, evidence: Evidence): number[] {
  return evidence.kills.filter((kill) => wasInFlight(entry, kill, evidence)).map(({ at }) => at - entry.answeredAt);
}
