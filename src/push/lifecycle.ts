import type { PushState } from "./push.ts";

/**
 * The life of a push, and of each of its deliveries: every step that there is. `pending` leads to itself with each attempt
 * that does not end it; an end leads nowhere, whatever a late worker or a repeated answer says.
 */
export const TRANSITIONS = {
  pending: ["pending", "delivered", "failed", "expired", "cancelled"],
  delivered: [],
  failed: [],
  expired: [],
  cancelled: [],
  suppressed: [],
} as const satisfies Record<PushState, readonly PushState[]>;

/** How a push may begin: with work to do, or ended because nobody wants it or nobody can get it. */
export const BEGINNINGS = ["pending", "suppressed"] as const satisfies readonly PushState[];

export function isLegalTransition(from: PushState, to: PushState): boolean {
  const steps: readonly PushState[] = TRANSITIONS[from];
  return steps.includes(to);
}
