/** How things stand at a channel in which requests wait. */
export interface Crowd {
  readonly waiting: number;
  /** How long somebody has been waiting without a break. */
  readonly fullForMs: number;
  /** Connections that take requests, or will again. */
  readonly ready: number;
  readonly opening: number;
  readonly max: number;
}

/** Streams of a busy connection come free sooner than a new one is open: only what lasts longer than this is a lack of connections. */
export const GROW_AFTER_MS = 150;

/** How many connections to begin now. The number may double each time: a burst needs all of them soon, a slow answer just one more. */
export function countConnects({ waiting, fullForMs, ready, opening, max }: Crowd): number {
  if (ready === 0) return waiting > 0 && opening === 0 && max > 0 ? 1 : 0;
  if (fullForMs < GROW_AFTER_MS) return 0;
  return Math.max(0, Math.min(waiting, ready - opening, max - ready - opening));
}
