import type { Held } from "./held.ts";
import type { Outcome, OutcomeKind } from "./outcome.ts";

/** One attempt that has ended, as it is remembered; or a while in which none was made, because our own limits held it back. */
export interface Try {
  /** Epoch milliseconds of its beginning. */
  readonly at: number;
  readonly tookMs: number;
  readonly outcome: OutcomeKind | "held";
  /** The provider's word, where it is none of success; ours, where it was held. */
  readonly reason?: string;
  /** Held because of what other pushes of the app met: the provider's word to them. */
  readonly cause?: string;
}

/** A message may be tried for days: the first and the newest tell the story. */
const MOST_KEPT = 12;
export const KEPT_FIRST = 4;

export function addTry(tries: readonly Try[], outcome: Outcome, at: number, tookMs: number): readonly Try[] {
  const reason = outcome.kind === "delivered" ? {} : { reason: outcome.reason };
  return keep([...tries, { at, tookMs, outcome: outcome.kind, ...reason }]);
}

/** Held again for the same reason it is the same wait, until `until`. */
export function addHold(tries: readonly Try[], { why, cause }: Held, at: number, until: number): readonly Try[] {
  const last = tries.at(-1);
  const word = cause?.reason;
  if (last?.outcome === "held" && last.reason === why && last.cause === word) {
    return [...tries.slice(0, -1), { ...last, tookMs: until - last.at }];
  }
  const causeOf = word === undefined ? {} : { cause: word };
  return keep([...tries, { at, tookMs: until - at, outcome: "held", reason: why, ...causeOf }]);
}

function keep(all: readonly Try[]): readonly Try[] {
  return all.length <= MOST_KEPT ? all : [...all.slice(0, KEPT_FIRST), ...all.slice(KEPT_FIRST + 1)];
}
