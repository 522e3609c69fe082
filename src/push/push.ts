import type { Aor } from "./address.ts";
import type { ApsWishes, PushContent, RawBlocks } from "./content.ts";
import type { Try } from "./tries.ts";
import type { Environment, PhoneAddress, ProviderName, TokenKind } from "./device.ts";
import type { PayloadProfile } from "./payload-profile.ts";
import type { PushPreferences } from "./preferences.ts";

/** What a platform may ask for. */
export const REQUESTED_KINDS = ["call", "message", "invite", "groupchat"] as const;
/** Our own: `call_end` to phones that ring in vain, `wake` to phones that are to register again. */
export const PUSH_KINDS = [...REQUESTED_KINDS, "call_end", "wake"] as const;
export type PushKind = (typeof PUSH_KINDS)[number];
export type RequestedKind = (typeof REQUESTED_KINDS)[number];

/** Whose place in the queue and patience count for a push: a phone that rings in vain has to hear of it as soon as it heard of the call. */
export function urgencyOf(kind: PushKind): RequestedKind {
  if (kind === "call_end") return "call";
  return kind === "wake" ? "message" : kind;
}

/** Whose priority at Google counts: what is to wake a sleeping phone goes as a call does. */
export function priorityKindOf(kind: PushKind): RequestedKind {
  return kind === "wake" ? "call" : urgencyOf(kind);
}

/** Whether it is about a phone that rings: such pushes go before all others. */
export function isAboutCall({ kind }: Pick<PushRequest, "kind">): boolean {
  return urgencyOf(kind) === "call";
}

/** A phone that the request itself names, because the platform keeps the tokens: it needs no registration here. */
export interface DirectTarget extends PhoneAddress {
  /** The platform's name for the phone, where it has one. */
  readonly deviceId?: string;
}

/** One request to wake or notify one subscriber, read from whatever dialect it came in. */
export interface PushRequest {
  readonly kind: PushKind;
  readonly callee: Aor;
  /** Who calls or writes, as the platform said it; absent where it did not say. */
  readonly caller?: string;
  /** The SIP Call-ID. */
  readonly callId?: string;
  /** Where the woken app can ask whether the call still rings; holds a secret of that call. */
  readonly callUrl?: string;
  /** Somebody holds the line until it is clear whether a phone can be woken: a call that cannot be served has to be given up at once. */
  readonly awaited?: true;
  /** The client's own name for this push: the same one twice is one push. */
  readonly pushId?: string;
  /** A background push: wakes the app, shows nothing. */
  readonly silent: boolean;
  /** Custom members for the app, as text; they travel as FCM `data` and beside `aps`. */
  readonly data: Readonly<Record<string, string>>;
  /** Those of `data` that are JSON and not plain text: iPhones get them as JSON. */
  readonly structured?: readonly string[];
  /** What the phones of both platforms show. */
  readonly content?: PushContent;
  readonly aps: ApsWishes;
  readonly raw?: RawBlocks;
  /** How long the push is worth anything; 0: it is tried once per device, now or never. Absent: the preference, then the configuration, decides. */
  readonly ttlMs?: number;
  /** The one phone that is meant; absent: every device that the callee registered. */
  readonly direct?: DirectTarget;
  /** The one of the callee's registered phones that is meant, by its id; absent: all of them. */
  readonly deviceId?: string;
  /** The form that the phone's app expects; absent: the configured app's. */
  readonly profile?: PayloadProfile;
  /** The id of the push that this one sends again. */
  readonly replayOf?: string;
}

export const PUSH_STATES = ["pending", "delivered", "failed", "expired", "cancelled", "suppressed"] as const;
export type PushState = (typeof PUSH_STATES)[number];
export type TerminalState = Exclude<PushState, "pending">;

export function isTerminal(state: PushState): state is TerminalState {
  return state !== "pending";
}

/** True if it ended without reaching a phone, and nobody wanted that. */
export function isUndelivered(state: PushState): boolean {
  return state === "failed" || state === "expired";
}

/** True if somebody may still want to send it again, or to let it go. */
export function isDeadLetter({ state, replayed }: Pick<Push, "state" | "replayed">): boolean {
  return isUndelivered(state) && replayed === undefined;
}

/** Where one delivery goes: the device's token for this kind of push, as it was when the push was accepted. */
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
  /** Attempts that have ended. */
  readonly attempts: number;
  /** The provider's last word, e.g. `Unregistered`; absent before the first answer. */
  readonly reason?: string;
  readonly providerMessageId?: string;
  /** Epoch milliseconds before which no attempt starts: the backoff, or the provider's Retry-After. */
  readonly notBefore?: number;
  /** The attempts that have ended, and what held them back, the oldest first; of many, not all. */
  readonly tries?: readonly Try[];
}

export type DeliveryState = Exclude<PushState, "suppressed">;

export interface Push {
  /** UUID, lower case. */
  readonly id: string;
  readonly request: PushRequest;
  readonly acceptedAt: number;
  /** Epoch milliseconds; no attempt starts after it. */
  readonly deadline: number;
  readonly state: PushState;
  /** Epoch milliseconds; absent while it is pending. */
  readonly endedAt?: number;
  /** Why it ended as it did, in a stable word, e.g. `push_disabled`, `no_device`. */
  readonly reason?: string;
  /** What was set for the callee, or for his domain, when it was accepted; absent where nothing was. */
  readonly preferences?: PushPreferences;
  /** Absent unless it was sent again. */
  readonly replayed?: Replayed;
  readonly deliveries: readonly Delivery[];
}

/** That a push which failed or expired was sent again. */
export interface Replayed {
  /** The id of the push that replaced it. */
  readonly as: string;
  /** Epoch milliseconds. */
  readonly at: number;
}
