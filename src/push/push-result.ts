import { isTerminal, type Delivery, type TerminalState } from "./push.ts";

/**
 * Returns the state of a push from its deliveries, or undefined while one of them is pending. The push is delivered if
 * one delivery is.
 */
export function readPushState(deliveries: readonly Pick<Delivery, "state">[]): TerminalState | undefined {
  const states = new Set(deliveries.map(({ state }) => state));
  if ([...states].some((state) => !isTerminal(state))) return undefined;
  for (const state of ["delivered", "cancelled", "failed", "expired"] as const) {
    if (states.has(state)) return state;
  }
  return "suppressed";
}
