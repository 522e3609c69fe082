import type { EnableMode, Preferences } from "./preferences.ts";

/**
 * True for modes that send a requested push: all but `never`. The order of ringing registered and sleeping
 * phones is up to the proxy, which has decided before it asks.
 */
const PUSHES = {
  never: false,
  always: true,
  no_reg: true,
  only_push: true,
  reg_then_push: true,
  push_then_reg: true,
} as const satisfies Record<EnableMode, boolean>;

/**
 * Default without any preference: NGCP's chat server takes a missing row as enabled, and a user who registers a phone
 * wants it to ring.
 */
const DEFAULT_MODE: EnableMode = "always";

export function isPushEnabled(effective: Preferences): boolean {
  return PUSHES[effective.mobile_push_enable ?? DEFAULT_MODE];
}
