import type { Aor } from "../push/address.ts";
import type { Call } from "../push/call.ts";

/** A call's name: one SIP Call-ID may ring several subscribers. */
export interface CallKey {
  readonly callee: Aor;
  readonly id: string;
}

export type CallChange = CallKey & Pick<Call, "pushIds" | "state">;

/** What a store needs to write a new call with its push; the rest it knows by then. */
export type NewCall = Pick<Call, "id" | "caller" | "door" | "urlToken">;

export interface CallSelector {
  /** Calls that began at or after this, epoch milliseconds. */
  readonly since: number;
  readonly limit: number;
}

/**
 * The calls of all gateways on the store. They are begun by `PushStore.accept`, with the push that rings, in one step. A rejection
 * means that the store could not say whether it happened.
 */
export interface CallBook {
  get(key: CallKey): Promise<Call | undefined>;
  /** All calls of that id, one for each subscriber who was called. */
  find(id: string): Promise<readonly Call[]>;
  /** A subscriber's, the newest first. */
  list(callee: Aor, selector: CallSelector): Promise<readonly Call[]>;
  /** Writes `after` in the place of `before`; false where somebody has changed the call since it was read. */
  replace(before: Call, after: Call): Promise<boolean>;
  /** Forgets calls that began so long ago; answers how many. */
  forgetCalls(olderThanMs: number): Promise<number>;
  /**
   * Tells of every change, of this gateway's and of the others'. Best effort: where the store was away something may have been
   * missed, so that who waits for a change has to look from time to time as well.
   */
  watch(onChange: (change: CallChange) => void): Disposable;
}
