/** Reasons for throttling a push. */
export const THROTTLE_REASONS = [
  /** The retry budget is used up. */
  "retry_postponed",
  /** The breaker is open, or the provider has asked for a pause. */
  "provider_paused",
  /** The app has as many pushes in flight as it may have. */
  "app_busy",
  /** This gateway has no app for the push, but another one on the same store may have it. */
  "app_elsewhere",
] as const;
export type ThrottleReason = (typeof THROTTLE_REASONS)[number];

/** The gateway's own limits throttled the push. The provider was not asked, so this is not an attempt. */
export interface Throttled {
  readonly kind: "throttled";
  readonly why: ThrottleReason;
  readonly retryAfterMs: number;
  /** The trouble that other pushes of the app met, if that is the cause. */
  readonly cause?: AppTrouble;
}

export interface AppTrouble {
  readonly kind: "deferred" | "misconfigured";
  /** The provider's reason. */
  readonly reason: string;
}
