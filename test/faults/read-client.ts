import { isDuring } from "./outages.ts";
import type { Answer, ClientEntry, Outage, Try } from "./ledgers.ts";

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

export type ClientVerdict = "accepted" | "refused" | "no-answer" | "not-sent";

/**
 * What the client knows about its push in the end: one acceptance decides, one try without an answer leaves it open, and so
 * does a gateway that says that it does not know, while its store is out of order. Every other refusal is one.
 */
export function readVerdict(entry: ClientEntry, outages: readonly Outage[]): ClientVerdict {
  const has = (kind: Answer["kind"] | "not-certain") =>
    entry.tries.some((one) => (isNotCertain(one, outages) ? "not-certain" : one.answer.kind) === kind);
  if (readAcceptances(entry).length > 0) return "accepted";
  if (has("no-answer") || has("not-certain")) return "no-answer";
  return has("answered") ? "refused" : "not-sent";
}

/** Redis may have done what it could not say any more. */
function isNotCertain({ sentAt, answer }: Try, outages: readonly Outage[]): boolean {
  if (answer.kind !== "answered" || answer.code !== "acceptance_unknown") return false;
  return outages.some((outage) => isDuring(sentAt, answer.at, outage));
}
