import { isTerminal, type Delivery, type TerminalState } from "./push.ts";

/** The end of a push, from the ends of its deliveries; undefined while one of them is still open. One phone woken is success. */
export function readPushState(deliveries: readonly Pick<Delivery, "state">[]): TerminalState | undefined {
  const states = new Set(deliveries.map(({ state }) => state));
  if ([...states].some((state) => !isTerminal(state))) return undefined;
  for (const state of ["delivered", "cancelled", "failed", "expired"] as const) {
    if (states.has(state)) return state;
  }
  return "suppressed";
}
