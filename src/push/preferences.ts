import { compact } from "./compact.ts";
export const ENABLE_MODES = ["never", "always", "no_reg", "only_push", "reg_then_push", "push_then_reg"] as const;
/** NGCP's `mobile_push_enable`. */
export type EnableMode = (typeof ENABLE_MODES)[number];

/** Preferences of one subscriber or domain. A subscriber inherits undefined ones from the domain. */
export interface Preferences {
  readonly mobile_push_enable?: EnableMode;
  /** Seconds that the phone has to register after a call push. */
  readonly mobile_push_expiry?: number;
  /** Bare JIDs (of users or rooms) whose messages are silent; for subscribers only. */
  readonly mobile_push_silent_list?: readonly string[];
}

/** Preferences that decide whether a push is sent and how long it is valid. */
export type PushPreferences = Pick<Preferences, "mobile_push_enable" | "mobile_push_expiry">;

/** Returns the preferences to store with a push, or undefined if none are set. */
export function readPushPreferences(effective: Preferences): PushPreferences | undefined {
  const { mobile_push_enable, mobile_push_expiry } = effective;
  if (mobile_push_enable === undefined && mobile_push_expiry === undefined) return undefined;
  return compact({
    mobile_push_enable,
    mobile_push_expiry,
  });
}

/** Merges preferences key by key. A subscriber's value overrides the domain's. */
export function inheritPreferences(subscriber: Preferences, domain: Preferences): Preferences {
  return { ...domain, ...subscriber };
}
