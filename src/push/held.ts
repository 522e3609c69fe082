/** Why a push was kept back for a moment. */
export const HOLD_REASONS = [
  /** So many others are being tried again. */
  "retry_postponed",
  /** The provider takes nothing of the app at present, or wants a pause. */
  "provider_paused",
  /** As many pushes of the app are under way as may be. */
  "app_busy",
  /** This gateway has no app for it, and another one on the same store may have. */
  "app_elsewhere",
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Our own limits kept a push back: nothing was asked of the provider, so that it is no attempt. */
export interface Held {
  readonly kind: "held";
  readonly why: HoldReason;
  readonly retryAfterMs: number;
  /** What other pushes of the app met, where that is why. */
  readonly cause?: AppTrouble;
}

export interface AppTrouble {
  readonly kind: "deferred" | "misconfigured";
  /** The provider's word. */
  readonly reason: string;
}
