import type { PushState } from "./push.ts";

/**
 * All state transitions of a push and of its deliveries. `pending` leads to itself with each attempt that does not end
 * it. An end state has no transitions, so a late worker or a repeated answer changes nothing.
 */
export const TRANSITIONS = {
  pending: ["pending", "delivered", "failed", "expired", "cancelled"],
  delivered: [],
  failed: [],
  expired: [],
  cancelled: [],
  suppressed: [],
} as const satisfies Record<PushState, readonly PushState[]>;

/** Initial states: with work to do, or ended at once because the subscriber wants no pushes or has no device. */
export const BEGINNINGS = ["pending", "suppressed"] as const satisfies readonly PushState[];

export function isLegalTransition(from: PushState, to: PushState): boolean {
  const steps: readonly PushState[] = TRANSITIONS[from];
  return steps.includes(to);
}
