import type { AttemptRecord } from "../push/attempt-records.ts";
import type { Aor } from "../push/address.ts";
import type { DedupKey } from "../push/dedup-key.ts";
import type { TtlByKind } from "../push/deadline.ts";
import { QUEUE_BOUNDS, type QueueUse } from "../push/queue-room.ts";
import type { DeliveryState, Push, PushRequest, PushState, Target } from "../push/push.ts";
import type { NewCall } from "./call-book.ts";

/**
 * The right of one worker to work on a push until a certain time. Unless it is settled before, the push returns to the
 * queue.
 */
export interface Lease {
  readonly push: Push;
  /** Proves that this worker, and not a later one, holds the push. */
  readonly token: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
  /**
   * Set if a gateway has died, or stalled until its lease expired, while it worked on the push: how often that happened
   * while the push was worked on alone.
   */
  readonly loneDeaths?: number;
}

export interface Suspicion {
  /** True if the push is worked on alone from now on, so that an expired lease counts as a lone death. */
  readonly isAlone: boolean;
  /** Undefined if the push is cleared of suspicion. */
  readonly loneDeaths: number | undefined;
}

export interface Acceptance {
  /** Id of the push if it is new: from the store's `newId`, or derived from such an id by `push/call-end.ts`. */
  readonly id: string;
  readonly request: PushRequest;
  readonly dedup: DedupKey;
  readonly ttl: TtlByKind;
  readonly leaseMs: number;
  /** The token of the first lease, new for each acceptance. With it the caller can renew the lease even if the store's answer was lost. */
  readonly leaseToken: string;
  /** Replaces the subscriber's registered devices. */
  readonly targets?: readonly Target[];
  /** For a ringing push: its call, which is written in the same step. */
  readonly call?: NewCall;
}

export type AcceptResult =
  /** Stored at the configured durability. The caller holds the first lease. */
  | { readonly kind: "accepted"; readonly lease: Lease }
  /** A repeat of the push with this id. */
  | { readonly kind: "repeat"; readonly id: string; readonly state: PushState }
  /** The client's key was used before with other content. */
  | { readonly kind: "conflict"; readonly id: string }
  /** Stored as ended, so that it can be explained. Nothing is sent, and the dedup key stays free. */
  | { readonly kind: "suppressed"; readonly id: string; readonly reason: SuppressReason }
  /** Not stored. */
  | { readonly kind: "full"; readonly bound: FullBound };

/**
 * Reasons to refuse a push: a bound of the queue, the store's memory, or too many pushes waiting for the store's
 * answer.
 */
export const FULL_BOUNDS = [...QUEUE_BOUNDS, "store", "accepting"] as const;
export type FullBound = (typeof FULL_BOUNDS)[number];

export type SuppressReason = "push_disabled" | "no_device" | "call_ended";

export interface LeaseRequest {
  readonly limit: number;
  readonly leaseMs: number;
}

export interface LeaseBatch {
  readonly leases: readonly Lease[];
  /** When the next push is due, as far as is known; undefined if the queue is empty. */
  readonly nextDueAt?: number;
}

/** Result by lease token. A lease in neither set is unsure, because its part of the store did not answer. */
export interface Renewal {
  readonly kept: ReadonlySet<string>;
  readonly lost: ReadonlySet<string>;
  /** Why leases are unsure; undefined if none is. */
  readonly failure?: unknown;
}

export interface DeliveryResult {
  readonly deviceId: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly reason?: string;
  readonly providerMessageId?: string;
  readonly notBefore?: number;
  /** Finished attempts including this one, and throttled periods. */
  readonly tries?: readonly AttemptRecord[];
  /** The provider refuses the app, so only an operator can help. Not stored. */
  readonly isUnserved?: true;
  /** This gateway cannot send it, but another one may. Not stored. */
  readonly isForOthers?: true;
}

export type SettleResult =
  | { readonly kind: "settled"; readonly state: PushState }
  /** The lease had expired and another worker took the push, or it was cancelled. Nothing was written. */
  | { readonly kind: "lost" }
  /** The push is no longer in the store, which has lost data. Nobody will send it. */
  | { readonly kind: "gone" };

export interface CancelSelector {
  readonly id: string;
}

/** Selects ended pushes that reached no phone and were not replayed. */
export interface DeadLetterSelector {
  readonly limit: number;
  /** Id of the last push on the previous page. */
  readonly before?: string;
}

/** Longest times for which a push can legitimately be out of reach. */
export interface LongestPauses {
  /** While a worker holds it. */
  readonly leaseMs: number;
  /** While it waits for a retry. */
  readonly retryMs: number;
}

export interface QueueDepth {
  /** Pushes that have not ended, leased ones included. */
  readonly pending: number;
  /** Of these, pushes that a worker holds now. */
  readonly leased: number;
}

/**
 * Holds every accepted push until it has ended, and for some time after. Leasing is at-least-once: a push comes back
 * when its lease expires. Every method is one round trip and atomic; a rejection means that the operation may or may
 * not have been done. Only the store's clock is used, for deadlines, leases and windows.
 */
export interface PushStore extends AsyncDisposable {
  /**
   * Returns an id for a new push: a lower-case UUID that rises with time. The store may encode in it where it keeps
   * pushes to this callee.
   */
  newId(callee: Aor): string;
  /**
   * Accepts a push in one step: detects a repeat, checks preferences, chooses devices, writes the push, and leases it
   * to the caller.
   */
  accept(acceptance: Acceptance): Promise<AcceptResult>;
  /** Leases pushes that are due: calls first, then those due longest. */
  lease(request: LeaseRequest): Promise<LeaseBatch>;
  /**
   * Renews leases that are still held. A lease counts as kept if its holder has ended the push, because the holder may
   * not know yet that this was recorded. Rejects only if the state of all leases is unknown.
   */
  renew(leases: readonly Pick<Lease, "push" | "token">[], leaseMs: number): Promise<Renewal>;
  /**
   * Records the state of deliveries if the lease is still held. The push ends with its last delivery. `handBackAt`
   * gives up the lease; the push is then due at that time.
   */
  settle(lease: Lease, results: readonly DeliveryResult[], handBackAt?: number): Promise<SettleResult>;
  /** Records suspicion about a push that may have killed a gateway. Does nothing if the lease is no longer held. */
  noteSuspicion(lease: Lease, suspicion: Suspicion): Promise<void>;
  /** Ends a push that has not ended. Returns its state afterwards, or undefined if there is none. */
  cancel(selector: CancelSelector): Promise<PushState | undefined>;
  get(id: string): Promise<Push | undefined>;
  /** Like `get`, for a caller that waits for the end of the push: if it has not ended, `watchEnds` will report it. */
  awaitEnd(id: string): Promise<Push | undefined>;
  /**
   * Calls back with the ids of ended pushes that were awaited, whichever gateway ended them. Best effort: a waiter must
   * also poll, and a store may never call back.
   */
  watchEnds(onEnd: (id: string) => void): Disposable;
  /** Returns a page of pushes that failed or expired and were not replayed, the most recently accepted first. */
  listDeadLetters(selector: DeadLetterSelector): Promise<readonly Push[]>;
  /** Deletes a dead letter early. Returns false if there is no such dead letter. */
  dropDeadLetter(id: string): Promise<boolean>;
  /**
   * Records which push has replaced a dead letter, which then is one no longer. It stays until its retention is over,
   * without content and tokens unless the configuration keeps them. Returns false if there is no such dead letter.
   */
  markReplayed(id: string, replacement: string): Promise<boolean>;
  /** Returns the depth of those parts of the store that answer. */
  depth(): Promise<QueueDepth>;
  /**
   * Returns the used part of the queue's bounds. It is exact after every end of a push, except for pushes that other
   * shards accepted in the last second.
   */
  use(): Promise<QueueUse>;
  /**
   * Moves pushes that would be due later than after any pause, because the store's clock was set back, to the end of a
   * new lease. A live holder renews its lease before that. Resolves to their number.
   */
  wakeOversleepers(longest: LongestPauses): Promise<number>;
  /** Deletes ended pushes and expired dedup keys. Returns the number of pushes. */
  forgetEnded(olderThanMs: number): Promise<number>;
}
