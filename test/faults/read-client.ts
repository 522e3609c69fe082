import { isDuring } from "./outages.ts";
import type { Answer, ClientEntry, RunRecord, Try } from "./ledgers.ts";

export interface ClientAcceptance {
  readonly id: string;
  readonly at: number;
}

/** Returns the ids under which the client's push was accepted, in the order of the answers. */
export function readAcceptances({ tries }: ClientEntry): readonly ClientAcceptance[] {
  return tries
    .flatMap(({ answer }) => {
      if (answer.kind !== "answered" || answer.id === undefined) return [];
      return answer.status === 202 || answer.status === 200 ? [{ id: answer.id, at: answer.at }] : [];
    })
    .toSorted((a, b) => a.at - b.at);
}

/** Events that can keep a gateway from learning the result of a store operation. */
type Evidence = Pick<RunRecord, "kills" | "outages">;

export type ClientVerdict = "accepted" | "refused" | "no-answer" | "not-sent";

/**
 * Returns the client's knowledge about its push at the end. One acceptance decides. The result is open after an attempt
 * without an answer, and after `acceptance_unknown` while the store is impaired or the gateway was frozen. Any other
 * refusal counts as one.
 */
export function readVerdict(entry: ClientEntry, evidence: Evidence): ClientVerdict {
  const has = (kind: Answer["kind"] | "not-certain") =>
    entry.tries.some((one) => (isNotCertain(one, evidence) ? "not-certain" : one.answer.kind) === kind);
  if (readAcceptances(entry).length > 0) return "accepted";
  if (has("no-answer") || has("not-certain")) return "no-answer";
  return has("answered") ? "refused" : "not-sent";
}

/**
 * Redis may have executed a command without reporting it. A gateway that wakes finds that the time for its answer is
 * over.
 */
function isNotCertain({ sentAt, answer }: Try, { kills, outages }: Evidence): boolean {
  if (answer.kind !== "answered" || answer.code !== "acceptance_unknown") return false;
  const standstills = kills.flatMap(({ at, thawedAt: readyAt }) => (readyAt === undefined ? [] : [{ at, readyAt }]));
  return [...outages, ...standstills].some((span) => isDuring(sentAt, answer.at, span));
}
