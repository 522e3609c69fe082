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
  /** Nobody told their clients, in the end, whether they were accepted. */
  readonly noAnswer: number;
  readonly notSent: number;
  /** Tries without an answer, most of them repeated with success. */
  readonly triesWithoutAnswer: number;
  readonly delivered: number;
  readonly expired: number;
  readonly failed: number;
  /** Accepted, and unknown to the gateway or without an end; or `delivered` and never sent. */
  readonly lost: number;
  readonly sends: number;
  readonly duplicates: number;
  readonly duplicatesAllowed: number;
  readonly duplicatesByCause: Readonly<Record<DuplicateCause, number>>;
  readonly duplicatesUnexplained: number;
  readonly oldestDuplicateMs: number;
  readonly sendsAfterDeadline: number;
  readonly kills: number;
  /** Gateways that stood still for longer than a lease. */
  readonly freezes: number;
  readonly outages: number;
  /** Of the outages, those that began with a kill -9 of the store. */
  readonly storeKills: number;
  readonly takeOverMs: Spread;
  /** From the store's being well again to the first push that is accepted. */
  readonly firstAcceptMs: Spread;
  /** From a request to its 503, where the queue was full. */
  readonly refusalMs: Spread;
  /** By how much every bound in time was widened, because the machine stalled. */
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
