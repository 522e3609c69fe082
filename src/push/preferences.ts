export const ENABLE_MODES = ["never", "always", "no_reg", "only_push", "reg_then_push", "push_then_reg"] as const;
/** NGCP's `mobile_push_enable`. */
export type EnableMode = (typeof ENABLE_MODES)[number];

/** Preferences of one subscriber or one domain; what is absent is inherited. */
export interface Preferences {
  readonly mobile_push_enable?: EnableMode;
  /** Seconds that the phone has to register after a call push. */
  readonly mobile_push_expiry?: number;
  /** Bare JIDs (`user@domain` or a room) whose messages come silently; subscribers only. */
  readonly mobile_push_silent_list?: readonly string[];
}

/** What of them decides whether a push is sent, and how long it is worth anything. */
export type PushPreferences = Pick<Preferences, "mobile_push_enable" | "mobile_push_expiry">;

/** As they are remembered with a push; undefined where nobody has set any. */
export function readPushPreferences(effective: Preferences): PushPreferences | undefined {
  const { mobile_push_enable, mobile_push_expiry } = effective;
  if (mobile_push_enable === undefined && mobile_push_expiry === undefined) return undefined;
  return {
    ...(mobile_push_enable === undefined ? {} : { mobile_push_enable }),
    ...(mobile_push_expiry === undefined ? {} : { mobile_push_expiry }),
  };
}

/** A subscriber's value hides the domain's, key by key. */
export function inheritPreferences(subscriber: Preferences, domain: Preferences): Preferences {
  return { ...domain, ...subscriber };
}
