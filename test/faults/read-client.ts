import type { ClientEntry } from "./ledgers.ts";

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

/** What the client knows about its push in the end: one acceptance decides, one try without an answer leaves it open. */
export function readVerdict(entry: ClientEntry): ClientVerdict {
  const has = (kind: string) => entry.tries.some(({ answer }) => answer.kind === kind);
  if (readAcceptances(entry).length > 0) return "accepted";
  if (has("no-answer")) return "no-answer";
  return has("answered") ? "refused" : "not-sent";
}
