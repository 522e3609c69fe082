import type { EnableMode, Preferences } from "./preferences.ts";

/**
 * What each mode means to a gateway that has been asked to push: all but `never` send. The order of ringing registered
 * and sleeping phones is the proxy's, which has decided by the time it asks.
 */
const PUSHES = {
  never: false,
  always: true,
  no_reg: true,
  only_push: true,
  reg_then_push: true,
  push_then_reg: true,
} as const satisfies Record<EnableMode, boolean>;

/** Nobody said anything: NGCP's chat server takes a missing row as on, and who registers a phone wants it to ring. */
const DEFAULT_MODE: EnableMode = "always";

export function isPushEnabled(effective: Preferences): boolean {
  return PUSHES[effective.mobile_push_enable ?? DEFAULT_MODE];
}
