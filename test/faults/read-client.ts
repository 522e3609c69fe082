import { isDuring } from "./outages.ts";
import type { Answer, ClientEntry, RunRecord, Try } from "./ledgers.ts";

export interface ClientAcceptance {
  readonly id: string;
  readonly at: number;
}

/** The ids that the client was told to have been accepted under, in the order of the answers. */
export function readAcceptances({ tries }: ClientEntry): readonly ClientAcceptance[] {
  return tries
    .flatMap(({ answer }) => {
      if (answer.kind !== "answered" || answer.id === undefined) return [];
      return answer.status === 202 || answer.status === 200 ? [{ id: answer.id, at: answer.at }] : [];
    })
    .toSorted((a, b) => a.at - b.at);
}

/** What can keep a gateway from learning what its store has done. */
type Evidence = Pick<RunRecord, "kills" | "outages">;

export type ClientVerdict = "accepted" | "refused" | "no-answer" | "not-sent";

/**
 * What the client knows about its push in the end: one acceptance decides, one try without an answer leaves it open, and so
 * does a gateway that says that it does not know, while its store is out of order or when it has just stood still itself. Every other
 * refusal is one.
 */
export function readVerdict(entry: ClientEntry, evidence: Evidence): ClientVerdict {
  const has = (kind: Answer["kind"] | "not-certain") =>
    entry.tries.some((one) => (isNotCertain(one, evidence) ? "not-certain" : one.answer.kind) === kind);
  if (readAcceptances(entry).length > 0) return "accepted";
  if (has("no-answer") || has("not-certain")) return "no-answer";
  return has("answered") ? "refused" : "not-sent";
}

/** Redis may have done what it could not say any more; a gateway that wakes finds that the time for its answer is up. */
function isNotCertain({ sentAt, answer }: Try, { kills, outages }: Evidence): boolean {
  if (answer.kind !== "answered" || answer.code !== "acceptance_unknown") return false;
  const standstills = kills.flatMap(({ at, thawedAt: readyAt }) => (readyAt === undefined ? [] : [{ at, readyAt }]));
  return [...outages, ...standstills].some((span) => isDuring(sentAt, answer.at, span));
}
