/** A worker that has lived this long did not end because of how it starts. */
export const SETTLED_MS = 10_000;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const EARLY_ENDS_TO_GIVE_UP = 5;

/** How the gateway as a whole stands. */
export interface Situation {
  /** Whether any worker has ever served: if not, something stands in the way of all of them. */
  readonly hasServed: boolean;
  /** Whether another worker has settled: the gateway serves, and must not be given up. */
  readonly isAnotherSettled: boolean;
}

export type Restart = { readonly kind: "restart"; readonly afterMs: number } | { readonly kind: "give up" };

/**
 * What to do after a worker has ended unasked. `earlyEnds`: how often in a row it happened to its number before the worker
 * had settled, this time included; 0: it had.
 */
export function decideRestart(earlyEnds: number, { hasServed, isAnotherSettled }: Situation): Restart {
  if (!hasServed) return { kind: "give up" };
  if (earlyEnds === 0) return { kind: "restart", afterMs: 0 };
  if (earlyEnds >= EARLY_ENDS_TO_GIVE_UP && !isAnotherSettled) return { kind: "give up" };
  return { kind: "restart", afterMs: Math.min(FIRST_PAUSE_MS * 2 ** (earlyEnds - 1), LONGEST_PAUSE_MS) };
}
