import type { Aor } from "../push/address.ts";
import type { Call } from "../push/call.ts";

/** Key of a call. One SIP Call-ID may ring several subscribers. */
export interface CallKey {
  readonly callee: Aor;
  readonly id: string;
}

export type CallChange = CallKey & Pick<Call, "pushIds" | "state">;

/** Fields that a store needs to write a new call with its push. It knows the others. */
export type NewCall = Pick<Call, "id" | "caller" | "door" | "urlToken">;

export interface CallSelector {
  /** Only calls that began at or after this time, in epoch milliseconds. */
  readonly since: number;
  readonly limit: number;
}

/**
 * Calls of all gateways on the store. `PushStore.accept` creates them together with the push that rings. A rejection
 * means that the operation may or may not have been done.
 */
export interface CallBook {
  get(key: CallKey): Promise<Call | undefined>;
  /** Returns all calls with that Call-ID, one per called subscriber. */
  find(id: string): Promise<readonly Call[]>;
  /** Returns a subscriber's calls, newest first. */
  list(callee: Aor, selector: CallSelector): Promise<readonly Call[]>;
  /** Replaces `before` by `after`. Returns false if the call has changed since it was read. */
  replace(before: Call, after: Call): Promise<boolean>;
  /** Deletes calls that began at least this long ago, and returns their number. */
  forgetCalls(olderThanMs: number): Promise<number>;
  /**
   * Calls back for every change, on any gateway. Best effort: a change may be missed while the store is away, so a
   * waiter must also poll.
   */
  watch(onChange: (change: CallChange) => void): Disposable;
}
