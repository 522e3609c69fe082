/** When the next connection may be opened, and the state that decides it. Milliseconds of one clock. */
export interface Pacing {
  /** Time by which a steady series of one connection per second would have opened all of them. */
  readonly paidUntil: number;
  /** Number of consecutive failed connections. */
  readonly failures: number;
  readonly notBefore: number;
}

/** Apple treats rapid reconnects as an attack: at most one connection a second, after the first three. */
const INTERVAL_MS = 1_000;
const FREE_CONNECTS = 3;
const FIRST_PAUSE_MS = 250;
/** No longer, because a call that arrives meanwhile has to be sent while it still rings. */
const LAST_PAUSE_MS = 5_000;

export const FRESH_PACING: Pacing = { paidUntil: -Infinity, failures: 0, notBefore: -Infinity };

export function readNextConnect({ paidUntil, notBefore }: Pacing): number {
  return Math.max(notBefore, paidUntil - (FREE_CONNECTS - 1) * INTERVAL_MS);
}

export function countConnect(pacing: Pacing, now: number): Pacing {
  return { ...pacing, paidUntil: Math.max(pacing.paidUntil, now) + INTERVAL_MS };
}

/**
 * Returns the state after a failed connection: the next one waits, longer each time, and not in step with other
 * gateways. `random` is from [0, 1).
 */
export function pauseAfterFailure(pacing: Pacing, now: number, random: number): Pacing {
  const failures = pacing.failures + 1;
  const longest = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return { ...pacing, failures, notBefore: now + longest * (0.5 + random / 2) };
}

/**
 * Returns true if the peer repeatedly ended HTTP/2 connections without a single answer. Once may happen; repeatedly it
 * is a failure.
 */
export function isFruitless({ failures }: Pacing): boolean {
  return failures >= FREE_CONNECTS;
}

export function countFruitless(pacing: Pacing): Pacing {
  return { ...pacing, failures: pacing.failures + 1 };
}

/** Call when the provider answers requests. */
export function forgetFailures(pacing: Pacing): Pacing {
  return pacing.failures === 0 ? pacing : { ...pacing, failures: 0 };
}
