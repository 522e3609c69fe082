import type { Outcome, OutcomeKind } from "./outcome.ts";

/** One attempt that has ended, as it is remembered. */
export interface Try {
  /** Epoch milliseconds of its beginning. */
  readonly at: number;
  readonly tookMs: number;
  readonly outcome: OutcomeKind;
  /** The provider's word, where it is none of success. */
  readonly reason?: string;
}

/** A message may be tried for days: the first and the newest tell the story. */
const MOST_KEPT = 12;
const KEPT_FIRST = 4;

export function addTry(tries: readonly Try[], outcome: Outcome, at: number, tookMs: number): readonly Try[] {
  const reason = outcome.kind === "delivered" ? {} : { reason: outcome.reason };
  const all = [...tries, { at, tookMs, outcome: outcome.kind, ...reason }];
  return all.length <= MOST_KEPT ? all : [...all.slice(0, KEPT_FIRST), ...all.slice(KEPT_FIRST + 1)];
}
