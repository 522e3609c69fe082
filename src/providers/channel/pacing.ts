/** When the next connection may be begun, and what has to be remembered for that. Milliseconds of one clock throughout. */
export interface Pacing {
  /** When a steady row of one connection a second would be through with all that were begun. */
  readonly paidUntil: number;
  /** Connections in a row that came to nothing. */
  readonly failures: number;
  readonly notBefore: number;
}

/** Apple takes rapid reconnects for an attack: at most one connection a second, after the first three. */
const INTERVAL_MS = 1_000;
const FREE_CONNECTS = 3;
const FIRST_PAUSE_MS = 250;
/** Not longer: a call that comes in meanwhile has to be sent while it still rings. */
const LAST_PAUSE_MS = 5_000;

export const FRESH_PACING: Pacing = { paidUntil: -Infinity, failures: 0, notBefore: -Infinity };

export function readNextConnect({ paidUntil, notBefore }: Pacing): number {
  return Math.max(notBefore, paidUntil - (FREE_CONNECTS - 1) * INTERVAL_MS);
}

export function countConnect(pacing: Pacing, now: number): Pacing {
  return { ...pacing, paidUntil: Math.max(pacing.paidUntil, now) + INTERVAL_MS };
}

/** No connection came about: the next one has to wait, longer each time, and not in step with other gateways. `random`: [0, 1). */
export function pauseAfterFailure(pacing: Pacing, now: number, random: number): Pacing {
  const failures = pacing.failures + 1;
  const longest = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return { ...pacing, failures, notBefore: now + longest * (0.5 + random / 2) };
}

/** The peer speaks HTTP/2 and ended the connection without one answer. That may happen; over and over it is a failure. */
export function isFruitless({ failures }: Pacing): boolean {
  return failures >= FREE_CONNECTS;
}

export function countFruitless(pacing: Pacing): Pacing {
  return { ...pacing, failures: pacing.failures + 1 };
}

/** The provider answers requests. */
export function forgetFailures(pacing: Pacing): Pacing {
  return pacing.failures === 0 ? pacing : { ...pacing, failures: 0 };
}
