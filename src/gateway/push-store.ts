import type { Try } from "../push/tries.ts";
import type { Aor } from "../push/address.ts";
import type { DedupKey } from "../push/dedup-key.ts";
import type { TtlByKind } from "../push/deadline.ts";
import { QUEUE_BOUNDS, type QueueUse } from "../push/queue-room.ts";
import type { DeliveryState, Push, PushRequest, PushState, Target } from "../push/push.ts";
import type { NewCall } from "./call-book.ts";

/** The right of one worker to work on a push until an instant; settled before, or it returns to the queue. */
export interface Lease {
  readonly push: Push;
  /** Proves that this worker, and not a later one, holds the push. */
  readonly token: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
  /**
   * Set once a gateway has died, or stood still until its lease ran out, while it worked on the push: how often that happened while the push was
   * worked on alone.
   */
  readonly loneDeaths?: number;
}

export interface Suspicion {
  /** Whether the push is worked on alone from now on: if the lease runs out meanwhile, that counts as one death more. */
  readonly isAlone: boolean;
  /** Undefined: the push is not suspect after all. */
  readonly loneDeaths: number | undefined;
}

export interface Acceptance {
  /** The id that the push gets if it is new: one of the store's `newId`, or one that `push/call-end.ts` derives from such an id. */
  readonly id: string;
  readonly request: PushRequest;
  readonly dedup: DedupKey;
  readonly ttl: TtlByKind;
  readonly leaseMs: number;
  /** In place of the subscriber's registered devices. */
  readonly targets?: readonly Target[];
  /** For a ringing push: the call that it rings for, written in the same step. */
  readonly call?: NewCall;
}

export type AcceptResult =
  /** Stored at the configured durability; the caller holds the first lease. */
  | { readonly kind: "accepted"; readonly lease: Lease }
  /** The same push again: this is the first one. */
  | { readonly kind: "repeat"; readonly id: string; readonly state: PushState }
  /** The client's key came with another content before. */
  | { readonly kind: "conflict"; readonly id: string }
  /** Stored as ended, so that it can be explained; nothing will be sent, and the dedup key stays free. */
  | { readonly kind: "suppressed"; readonly id: string; readonly reason: SuppressReason }
  /** Not stored. */
  | { readonly kind: "full"; readonly bound: FullBound };

/** What refuses a push: a bound of the queue, memory of the store, or pushes that wait for the store's answer. */
export const FULL_BOUNDS = [...QUEUE_BOUNDS, "store", "accepting"] as const;
export type FullBound = (typeof FULL_BOUNDS)[number];

export type SuppressReason = "push_disabled" | "no_device" | "call_ended";

export interface LeaseRequest {
  readonly limit: number;
  readonly leaseMs: number;
}

export interface LeaseBatch {
  readonly leases: readonly Lease[];
  /** When the next push falls due, as far as is known now; absent where the queue is empty. */
  readonly nextDueAt?: number;
}

/** By the leases' tokens. A lease that is in neither set is unsure: the part of the store that has it did not answer. */
export interface Renewal {
  readonly kept: ReadonlySet<string>;
  readonly lost: ReadonlySet<string>;
  /** Why leases are unsure; absent if none is. */
  readonly failure?: unknown;
}

export interface DeliveryResult {
  readonly deviceId: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly reason?: string;
  readonly providerMessageId?: string;
  readonly notBefore?: number;
  /** The attempts that have ended, this one included, and what held them back. */
  readonly tries?: readonly Try[];
  /** The provider refuses the app: only an operator can help. Not stored. */
  readonly isUnserved?: true;
  /** This gateway cannot send it, but another one may. Not stored. */
  readonly isForOthers?: true;
}

export type SettleResult =
  | { readonly kind: "settled"; readonly state: PushState }
  /** The lease had run out and somebody else took the push, or it was cancelled: nothing was written. */
  | { readonly kind: "lost" }
  /** The store has no such push any more: it has lost its data, and nobody will send the push. */
  | { readonly kind: "gone" };

export interface CancelSelector {
  readonly id: string;
}

/** Ended pushes that did not reach a phone and were not replayed. */
export interface DeadLetterSelector {
  readonly limit: number;
  /** The id of the last one of the page before. */
  readonly before?: string;
}

/** How long a push may be out of reach for a good reason. */
export interface LongestPauses {
  /** While a worker has it. */
  readonly leaseMs: number;
  /** While it waits for a retry. */
  readonly retryMs: number;
}

export interface QueueDepth {
  /** Pushes that have not ended, leased ones included. */
  readonly pending: number;
  /** Those of them that somebody works on now. */
  readonly leased: number;
}

/**
 * Holds every accepted push until it has ended, and for a while after. Handing out is at-least-once: a push comes back when
 * its lease runs out. Every method is one round trip and atomic; a rejection means that the store could not say whether
 * it happened. The store's clock is the only one: deadlines, leases and windows are measured by it.
 */
export interface PushStore extends AsyncDisposable {
  /** An id for a new push: a lower-case UUID that rises with time. The store may put into it where it keeps pushes to this callee. */
  newId(callee: Aor): string;
  /** Repeat? Allowed? Which devices? Then writes the push and leases it to the caller, all in one. */
  accept(acceptance: Acceptance): Promise<AcceptResult>;
  /** Takes pushes that are due, calls first, then the longest due. */
  lease(request: LeaseRequest): Promise<LeaseBatch>;
  /**
   * Prolongs leases that are still held. A lease whose push its holder has ended is kept: the holder may not know yet that this was
   * recorded. Rejects only if nothing is known of any lease.
   */
  renew(leases: readonly Pick<Lease, "push" | "token">[], leaseMs: number): Promise<Renewal>;
  /**
   * Records how deliveries stand, if the lease is still held. The push ends with its last delivery; `handBackAt` gives the
   * lease up, and the push falls due again then.
   */
  settle(lease: Lease, results: readonly DeliveryResult[], handBackAt?: number): Promise<SettleResult>;
  /** Records what is known of a push that may have taken a gateway down. Does nothing if the lease is no longer held. */
  noteSuspicion(lease: Lease, suspicion: Suspicion): Promise<void>;
  /** Ends what has not ended; answers the state in which the push is now, undefined if there is none. */
  cancel(selector: CancelSelector): Promise<PushState | undefined>;
  get(id: string): Promise<Push | undefined>;
  /** The same, for somebody who waits for the push's end: if it has not ended, `watchEnds` will tell of it. */
  awaitEnd(id: string): Promise<Push | undefined>;
  /**
   * Tells the ids of pushes that have ended, whichever gateway ended them, if somebody waited. Best effort: who waits has to look from time to
   * time as well, and a store may leave it at that.
   */
  watchEnds(onEnd: (id: string) => void): Disposable;
  /** Pushes that failed or expired and were not replayed, the newest first by acceptance; a page at a time. */
  listDeadLetters(selector: DeadLetterSelector): Promise<readonly Push[]>;
  /** Forgets a dead letter ahead of its time; returns false if there is no such dead letter. */
  dropDeadLetter(id: string): Promise<boolean>;
  /**
   * Records which push has replaced a dead letter. It stays until its retention is over, without content and tokens unless these are kept
   * on purpose, and is a dead letter no more. Returns false if there is no such dead letter.
   */
  markReplayed(id: string, replacement: string): Promise<boolean>;
  /** Of the parts of the store that answer. */
  depth(): Promise<QueueDepth>;
  /** How much of the queue's bounds is used. Exact after every end of a push, but for what other shards took within the last second. */
  use(): Promise<QueueUse>;
  /**
   * Pushes that would fall due later than any pause lasts fall due after a lease: the store's clock was set back since. Whoever holds
   * one renews its lease before. Resolves to how many there were.
   */
  wakeOversleepers(longest: LongestPauses): Promise<number>;
  /** Forgets ended pushes and used-up dedup keys; answers how many pushes went. */
  forgetEnded(olderThanMs: number): Promise<number>;
}
