import { readLateness } from "./invariants.ts";
import type { RunRecord } from "./ledgers.ts";
import { readFirstAccepts } from "./outages.ts";
import { readAcceptances, readVerdict } from "./read-client.ts";
import { readRefusalTimes } from "./refusals.ts";
import { readSpread, readTakeOvers, type Spread } from "./take-over.ts";
import { readDuplicates, type DuplicateCause } from "./unknown-outcomes.ts";

export interface RunCounts {
  readonly requested: number;
  readonly accepted: number;
  readonly refused: number;
  /** Pushes whose clients never learned whether they were accepted. */
  readonly noAnswer: number;
  readonly notSent: number;
  /** Attempts without an answer; most of them were repeated successfully. */
  readonly triesWithoutAnswer: number;
  readonly delivered: number;
  readonly expired: number;
  readonly failed: number;
  /** Accepted pushes that the gateway does not know or that have no end, and `delivered` ones that were never sent. */
  readonly lost: number;
  readonly sends: number;
  readonly duplicates: number;
  readonly duplicatesAllowed: number;
  readonly duplicatesByCause: Readonly<Record<DuplicateCause, number>>;
  readonly duplicatesUnexplained: number;
  readonly oldestDuplicateMs: number;
  readonly sendsAfterDeadline: number;
  readonly kills: number;
  /** Gateways that were frozen for longer than a lease. */
  readonly freezes: number;
  readonly outages: number;
  /** Outages that began with a kill -9 of the store. */
  readonly storeKills: number;
  readonly takeOverMs: Spread;
  /** Time from the store's recovery to the first accepted push. */
  readonly firstAcceptMs: Spread;
  /** Time from a request to its 503 while the queue was full. */
  readonly refusalMs: Spread;
  /** Tolerance added to every time limit, because the machine stalled. */
  readonly oracleLagMs: number;
}

export function countRun(record: RunRecord): RunCounts {
  const { client, provider, states, kills, outages } = record;
  const verdicts = client.map((entry) => readVerdict(entry, record));
  const countVerdict = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  const accepted = new Set(client.flatMap(readAcceptances).map(({ id }) => id));
  const stateOf = (id: string) => states.get(id)?.state;
  const countState = (wanted: string) => [...accepted].filter((id) => stateOf(id) === wanted).length;
  const taken = new Set(provider.filter((entry) => entry.accepted).map(({ pushId }) => pushId));
  const isLost = (id: string) => {
    const state = stateOf(id);
    return state === undefined || state === "pending" || (state === "delivered" && !taken.has(id));
  };
  const duplicates = readDuplicates(record);
  return {
    requested: client.length,
    accepted: accepted.size,
    refused: countVerdict("refused"),
    noAnswer: countVerdict("no-answer"),
    notSent: countVerdict("not-sent"),
    triesWithoutAnswer: client.flatMap(({ tries }) => tries).filter(({ answer }) => answer.kind === "no-answer").length,
    delivered: countState("delivered"),
    expired: countState("expired"),
    failed: countState("failed"),
    lost: [...accepted].filter(isLost).length,
    sends: provider.length,
    duplicates: duplicates.count,
    duplicatesAllowed: duplicates.allowed,
    duplicatesByCause: duplicates.byCause,
    duplicatesUnexplained: duplicates.unexplained.length,
    oldestDuplicateMs: duplicates.oldestAnswerMs,
    sendsAfterDeadline: readLateness(record).length,
    kills: kills.filter(({ thawedAt }) => thawedAt === undefined).length,
    freezes: kills.filter(({ thawedAt }) => thawedAt !== undefined).length,
    outages: outages.length,
    storeKills: outages.filter(({ how }) => how === "killed").length,
    takeOverMs: readSpread(readTakeOvers(record)),
    refusalMs: readSpread(readRefusalTimes(client)),
    firstAcceptMs: readSpread(readFirstAccepts(client, outages)),
    oracleLagMs: Math.round(record.oracleLagMs),
  };
}
