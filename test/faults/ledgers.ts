import type { ProviderName } from "../../src/push/device.ts";
import type { PushKind, PushState } from "../../src/push/push.ts";

/** What came of sending one request once. Times are epoch milliseconds. */
export type Answer =
  | {
      readonly kind: "answered";
      readonly at: number;
      readonly status: number;
      readonly id?: string;
      readonly code?: string;
      /** As the answer's Retry-After says. */
      readonly retryAfterSeconds?: number;
    }
  /** It may have been stored, or not. */
  | { readonly kind: "no-answer"; readonly at: number; readonly reason: string; readonly isKept: boolean }
  /** The connection was refused: nobody has seen it. */
  | { readonly kind: "not-sent"; readonly at: number; readonly reason: string; readonly isKept: boolean };

export interface Try {
  readonly sentAt: number;
  readonly answer: Answer;
}

/** One push that a client wants, by the client's own name for it, and every try to hand it in. */
export interface ClientEntry {
  readonly key: string;
  readonly kind: PushKind;
  readonly callee: string;
  readonly ttlMs: number;
  /** The tokens that this kind of push goes to, as the client registered them. */
  readonly tokens: readonly string[];
  readonly tries: readonly Try[];
}

/** One request that the provider received completely. */
export interface ProviderEntry {
  /** The gateway's id and the client's key, both from the payload. */
  readonly pushId: string;
  readonly key: string;
  readonly provider: ProviderName;
  readonly token: string;
  /** APNs: the apns-id that the gateway chose. Google chooses its own. */
  readonly apnsId?: string;
  readonly receivedAt: number;
  /** When its answer left; Infinity where none did. */
  readonly answeredAt: number;
  /** The provider took it: this phone is woken. */
  readonly accepted: boolean;
}

export interface StateEntry {
  readonly state: PushState;
  readonly reason?: string;
  readonly deadline: number;
  readonly deliveries: readonly DeliveryEntry[];
}

export interface DeliveryEntry {
  readonly provider: ProviderName;
  readonly state: PushState;
  readonly attempts: number;
  readonly reason?: string;
}

/** A gateway was killed without warning, or stood still for longer than its leases last, which to all others is the same. */
export interface Kill {
  readonly at: number;
  /** Where it only stood still: until when. */
  readonly thawedAt?: number;
  /** It was left away for a while on purpose, so that how soon its pushes went on says nothing. */
  readonly staysAway?: boolean;
  /** What the provider receives before this instant was sent before the kill: the next gateway has not been started. */
  readonly nextStartAt: number;
  /** When the next process of this gateway listened, if its pushes had to wait for one: it has no peer, and was started again at once. */
  readonly listeningAt?: number;
}

/** A gateway says in its log that it waited in vain for the provider's answer to an attempt, and will try again. */
export interface LostAnswer {
  readonly pushId: string;
  readonly provider: string;
  readonly at: number;
}

/** The store was out of order, and nobody had killed a gateway. */
export interface Outage {
  readonly how: "killed" | "impaired";
  readonly at: number;
  /** When the store itself was well again; Infinity while it is not. */
  readonly readyAt: number;
}

/** Of all gateways together, where none was started twice: then their counters speak for the whole run. */
export interface CounterEntry {
  readonly accepted: number;
  readonly ended: number;
  /** A worker found that its push was somebody else's by then. */
  readonly leasesLost: number;
  readonly attemptsDelivered: number;
}

/** All that was written down about one run. */
export interface RunRecord {
  readonly client: readonly ClientEntry[];
  readonly provider: readonly ProviderEntry[];
  /** By push id; null: the gateway knows no such push. */
  readonly states: ReadonlyMap<string, StateEntry | null>;
  /** How often the gateways' logs say that a push has ended, by its id. */
  readonly endings: ReadonlyMap<string, number>;
  readonly kills: readonly Kill[];
  readonly lostAnswers: readonly LostAnswer[];
  readonly outages: readonly Outage[];
  readonly queueLeft: number;
  readonly counters: CounterEntry | undefined;
  /** Ways in which a gateway ended or complained that nobody had asked for. */
  readonly accidents: readonly string[];
  /** How late the oracle itself may have looked at its clock. */
  readonly oracleLagMs: number;
}
