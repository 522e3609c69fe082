import type { Aor } from "./address.ts";
import type { ApsWishes, PushContent, RawBlocks } from "./content.ts";
import type { AttemptRecord } from "./attempt-records.ts";
import type { Environment, PhoneAddress, ProviderName, TokenKind } from "./device.ts";
import type { PayloadProfile } from "./payload-profile.ts";
import type { PushPreferences } from "./preferences.ts";

/** Kinds that a platform may request. */
export const REQUESTED_KINDS = ["call", "message", "invite", "groupchat"] as const;
/**
 * All kinds. The gateway itself sends `call_end` to phones that are still ringing, and `wake` to phones that should
 * register again.
 */
export const PUSH_KINDS = [...REQUESTED_KINDS, "call_end", "wake"] as const;
export type PushKind = (typeof PUSH_KINDS)[number];
export type RequestedKind = (typeof REQUESTED_KINDS)[number];

/** Returns the kind whose queue priority and timeouts apply. `call_end` is as urgent as `call`. */
export function urgencyOf(kind: PushKind): RequestedKind {
  if (kind === "call_end") return "call";
  return kind === "wake" ? "message" : kind;
}

/**
 * Returns the kind whose priority at Google applies. A push that has to wake a sleeping phone is as urgent as a call.
 */
export function priorityKindOf(kind: PushKind): RequestedKind {
  return kind === "wake" ? "call" : urgencyOf(kind);
}

/** Returns true for pushes that concern a ringing phone. They go before all others. */
export function isAboutCall({ kind }: Pick<PushRequest, "kind">): boolean {
  return urgencyOf(kind) === "call";
}

/** A phone named by the request itself, because the platform keeps the tokens. It needs no registration here. */
export interface DirectTarget extends PhoneAddress {
  /** The platform's name for the phone, if it has one. */
  readonly deviceId?: string;
}

/** One request to wake or notify one subscriber, independent of the dialect. */
export interface PushRequest {
  readonly kind: PushKind;
  readonly callee: Aor;
  /** Caller or sender as the platform names it; undefined if it does not. */
  readonly caller?: string;
  /** SIP Call-ID. */
  readonly callId?: string;
  /** URL where the woken app can ask whether the call still rings. It contains the call's secret. */
  readonly callUrl?: string;
  /** A client is waiting for the verdict, so an undeliverable call must fail immediately. */
  readonly awaited?: true;
  /** The client's id for this push. Two requests with the same id are one push. */
  readonly pushId?: string;
  /** A background push, which wakes the app and shows nothing. */
  readonly silent: boolean;
  /** Custom text members for the app, sent as FCM `data` and beside `aps`. */
  readonly data: Readonly<Record<string, string>>;
  /** Names of `data` members that hold JSON instead of plain text. iPhones get these as JSON. */
  readonly structured?: readonly string[];
  /** Visible content for the phones of both platforms. */
  readonly content?: PushContent;
  readonly aps: ApsWishes;
  readonly raw?: RawBlocks;
  /**
   * Lifetime of the push. 0: one attempt per device, now or never. Undefined: the preference or the configuration
   * decides.
   */
  readonly ttlMs?: number;
  /** The only phone to push to; undefined for all devices that the callee registered. */
  readonly direct?: DirectTarget;
  /** Id of the only registered device to push to; undefined for all. */
  readonly deviceId?: string;
  /** Payload form that the phone's app expects; undefined for that of the configured app. */
  readonly profile?: PayloadProfile;
  /** Id of the push that this one replays. */
  readonly replayOf?: string;
}

export const PUSH_STATES = ["pending", "delivered", "failed", "expired", "cancelled", "suppressed"] as const;
export type PushState = (typeof PUSH_STATES)[number];
export type TerminalState = Exclude<PushState, "pending">;

export function isTerminal(state: PushState): state is TerminalState {
  return state !== "pending";
}

/** Returns true if the push ended undelivered, and not by request. */
export function isUndelivered(state: PushState): boolean {
  return state === "failed" || state === "expired";
}

/** Returns true if an operator may still replay or drop the push. */
export function isDeadLetter({ state, replayed }: Pick<Push, "state" | "replayed">): boolean {
  return isUndelivered(state) && replayed === undefined;
}

/** Destination of one delivery: the device's token for this kind of push at the time of acceptance. */
export interface Target {
  readonly deviceId: string;
  readonly provider: ProviderName;
  readonly tokenKind: TokenKind;
  readonly token: string;
  readonly environment: Environment;
  readonly app?: string;
}

/** One push to one device. */
export interface Delivery extends Target {
  readonly state: DeliveryState;
  /** Number of finished attempts. */
  readonly attempts: number;
  /** The provider's last reason, such as `Unregistered`; undefined before the first answer. */
  readonly reason?: string;
  readonly providerMessageId?: string;
  /** Epoch milliseconds before which no attempt starts, from the backoff or the provider's Retry-After. */
  readonly notBefore?: number;
  /** Finished attempts and throttled periods, oldest first. A long list is shortened. */
  readonly tries?: readonly AttemptRecord[];
}

export type DeliveryState = Exclude<PushState, "suppressed">;

export interface Push {
  /** Lower-case UUID. */
  readonly id: string;
  readonly request: PushRequest;
  readonly acceptedAt: number;
  /** Epoch milliseconds after which no attempt starts. */
  readonly deadline: number;
  readonly state: PushState;
  /** Epoch milliseconds; undefined while the push is pending. */
  readonly endedAt?: number;
  /** Stable code of why it ended, such as `push_disabled` or `no_device`. */
  readonly reason?: string;
  /** Preferences of the callee and his domain at the time of acceptance; undefined if none were set. */
  readonly preferences?: PushPreferences;
  /** Set if the push was replayed. */
  readonly replayed?: Replayed;
  readonly deliveries: readonly Delivery[];
}

/** Records that a failed or expired push was replayed. */
export interface Replayed {
  /** Id of the push that replaced it. */
  readonly as: string;
  /** Epoch milliseconds. */
  readonly at: number;
}
