import type { ProviderName } from "../../src/push/device.ts";
import type { PushKind, PushState } from "../../src/push/push.ts";

/** Result of sending one request once. Times are epoch milliseconds. */
export type Answer =
  | {
      readonly kind: "answered";
      readonly at: number;
      readonly status: number;
      readonly id?: string;
      readonly code?: string;
      /** From the answer's Retry-After. */
      readonly retryAfterSeconds?: number;
    }
  /** The request may have been stored. */
  | { readonly kind: "no-answer"; readonly at: number; readonly reason: string; readonly isKept: boolean }
  /** The connection was refused, so nobody has seen the request. */
  | { readonly kind: "not-sent"; readonly at: number; readonly reason: string; readonly isKept: boolean };

export interface Try {
  readonly sentAt: number;
  readonly answer: Answer;
}

/** One push of a client, identified by the client's own key, with all attempts to submit it. */
export interface ClientEntry {
  readonly key: string;
  readonly kind: PushKind;
  readonly callee: string;
  readonly ttlMs: number;
  /** Tokens for this kind of push, as the client registered them. */
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
  /** APNs: the apns-id chosen by the gateway. Google chooses its own id. */
  readonly apnsId?: string;
  readonly receivedAt: number;
  /** When its answer was sent; Infinity if it was not. */
  readonly answeredAt: number;
  /** True if the provider accepted it, which wakes the phone. */
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

/** A gateway was killed without warning, or frozen for longer than its leases, which looks the same from outside. */
export interface Kill {
  readonly at: number;
  /** For a frozen gateway: when it continued. */
  readonly thawedAt?: number;
  /** It was kept away on purpose, so the time until its pushes continued means nothing. */
  readonly staysAway?: boolean;
  /** Requests received before this time were sent before the kill, because the next gateway had not been started. */
  readonly nextStartAt: number;
  /** When its next process listened, if its pushes had to wait for that: it has no peer and was restarted at once. */
  readonly listeningAt?: number;
}

/** A log line which says that an attempt got no answer and will be repeated. */
export interface LostAnswer {
  readonly pushId: string;
  readonly provider: string;
  readonly at: number;
}

/** The store was impaired while no gateway was killed. */
export interface Outage {
  readonly how: "killed" | "impaired";
  readonly at: number;
  /** When the store itself had recovered; Infinity before that. */
  readonly readyAt: number;
}

/** Sums over all gateways, if none was started twice, so that their counters cover the whole run. */
export interface CounterEntry {
  readonly accepted: number;
  readonly ended: number;
  /** Leases that workers lost to others. */
  readonly leasesLost: number;
  readonly attemptsDelivered: number;
}

/** All records of one run. */
export interface RunRecord {
  readonly client: readonly ClientEntry[];
  readonly provider: readonly ProviderEntry[];
  /** By push id; null if the gateway does not know the push. */
  readonly states: ReadonlyMap<string, StateEntry | null>;
  /** By push id: how often the gateways' logs report its end. */
  readonly endings: ReadonlyMap<string, number>;
  readonly kills: readonly Kill[];
  readonly lostAnswers: readonly LostAnswer[];
  readonly outages: readonly Outage[];
  readonly queueLeft: number;
  readonly counters: CounterEntry | undefined;
  /** Unexpected exits and log lines of gateways. */
  readonly accidents: readonly string[];
  /** Largest delay of the oracle's own clock readings. */
  readonly oracleLagMs: number;
}
