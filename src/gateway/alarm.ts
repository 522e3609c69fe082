/** Everything that an operator has to look at although the gateway goes on. */
export const ALARM_KINDS = [
  /** The provider refuses the app: its credentials, topic or project. */
  "app_refused",
  /** The provider does not answer, or answers every push with an error: nothing is sent to it for a while. */
  "provider_down",
  /** Suddenly many tokens are refused or called dead: none is forgotten until somebody has looked. */
  "tokens_refused",
  /** A credential's file has changed and cannot be used: the old one is still in force. */
  "credential_file",
  /** A credential expires within 30 days, or has expired. */
  "credential_expiry",
  /** No access token is to be had; the old one is used while it lives. */
  "token_endpoint",
  /** The store does not keep what it is given as `store.durability` promises, or does not say whether it does. */
  "store_durability",
  /** The store has lost what was in it. */
  "store_lost_data",
  /** This machine's clock and the store's differ by more than two seconds. */
  "clock_skew",
  /** The event loop stood still for more than a second. */
  "event_loop_late",
  /** The event loop is late: requests are refused so that others are served in time. */
  "overloaded",
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export interface Alarm {
  readonly kind: AlarmKind;
  /** The app, e.g. `global/apns` or `example.org/fcm`; `gateway` for what is its own. */
  readonly app: string;
  /** What happened and what to do, in a sentence or two, without secrets. */
  readonly detail: string;
  /** Epoch milliseconds. */
  readonly since: number;
}
