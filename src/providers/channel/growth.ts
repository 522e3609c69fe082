/** State of a channel with waiting requests. */
export interface Crowd {
  readonly waiting: number;
  /** How long requests have been waiting without a break. */
  readonly fullForMs: number;
  /** Connections that take requests, or will again. */
  readonly ready: number;
  readonly opening: number;
  readonly max: number;
}

/**
 * Streams of a busy connection become free sooner than a new connection is open, so only a longer wait calls for one.
 */
export const GROW_AFTER_MS = 150;

/**
 * Returns how many connections to open now. The number may double each time: a burst soon needs all of them, a slow
 * answer just one more.
 */
export function countConnects({ waiting, fullForMs, ready, opening, max }: Crowd): number {
  if (ready === 0) return waiting > 0 && opening === 0 && max > 0 ? 1 : 0;
  if (fullForMs < GROW_AFTER_MS) return 0;
  return Math.max(0, Math.min(waiting, ready - opening, max - ready - opening));
}
