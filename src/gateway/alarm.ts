/** Conditions that need an operator although the gateway continues. */
export const ALARM_KINDS = [
  /** The provider refuses the app: its credentials, topic or project. */
  "app_refused",
  /** The provider does not answer, or answers every push with an error. Pushes to it are paused. */
  "provider_down",
  /** Many tokens are suddenly refused or called dead. None is deleted until an operator has looked. */
  "tokens_refused",
  /** A changed credential file cannot be used. The old credential is still in force. */
  "credential_file",
  /** A credential expires within 30 days, or has expired. */
  "credential_expiry",
  /** No access token can be obtained. The old one is used until it expires. */
  "token_endpoint",
  /** The store does not keep data as `store.durability` promises, or does not say whether it does. */
  "store_durability",
  /** The store has lost its data. */
  "store_lost_data",
  /** This machine's clock and the store's differ by more than two seconds. */
  "clock_skew",
  /** The event loop was blocked for more than a second. */
  "event_loop_late",
  /** The event loop is late. Requests are refused so that others are served in time. */
  "overloaded",
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export interface Alarm {
  readonly kind: AlarmKind;
  /** The app, such as `global/apns` or `example.org/fcm`; `gateway` for conditions of the gateway itself. */
  readonly app: string;
  /** The condition and what to do, in one or two sentences without secrets. */
  readonly detail: string;
  /** Epoch milliseconds. */
  readonly since: number;
}
