/** A worker that has lived this long did not end because of its start. */
export const SETTLED_MS = 10_000;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const EARLY_ENDS_TO_GIVE_UP = 5;

/** State of the gateway as a whole. */
export interface Situation {
  /** True if any worker has ever served. If not, the cause probably affects all of them. */
  readonly hasServed: boolean;
  /** True if another worker has settled: the gateway serves, and must not give up. */
  readonly isAnotherSettled: boolean;
}

export type Restart = { readonly kind: "restart"; readonly afterMs: number } | { readonly kind: "give up" };

/**
 * Decides what to do after a worker has ended unexpectedly. `earlyEnds`: how often in a row that happened in its slot
 * before the worker had settled, including this time; 0 if it had.
 */
export function decideRestart(earlyEnds: number, { hasServed, isAnotherSettled }: Situation): Restart {
  if (!hasServed) return { kind: "give up" };
  if (earlyEnds === 0) return { kind: "restart", afterMs: 0 };
  if (earlyEnds >= EARLY_ENDS_TO_GIVE_UP && !isAnotherSettled) return { kind: "give up" };
  return { kind: "restart", afterMs: Math.min(FIRST_PAUSE_MS * 2 ** (earlyEnds - 1), LONGEST_PAUSE_MS) };
}
