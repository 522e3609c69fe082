/** Why it is not known whether something was done: no answer, a failure on the way, or too few copies of what was written. */
export type StoreDoubt = "silent" | "failed" | "not_replicated";

/** Failure of a store operation. */
export abstract class StoreError extends Error {
  /** True if certainly nothing was done. False if it may have been done, or may still be. */
  abstract readonly isUndone: boolean;
  /** Counts only if `isUndone` is false. */
  readonly doubt: StoreDoubt = "silent";
  /** Reason in a sentence for clients, without host names. Undefined if naming the operation is enough. */
  readonly forClients: string | undefined = undefined;
}

/** Returns true if a failed store call is known to have changed nothing. */
export function isUndone(error: unknown): boolean {
  return error instanceof StoreError && error.isUndone;
}

/** Returns why it is not known whether a failed store call was done. */
export function readDoubt(error: unknown): StoreDoubt {
  return error instanceof StoreError ? error.doubt : "silent";
}

/** Returns the reason that clients may be told, or undefined if there is nothing to tell except the failure. */
export function readForClients(error: unknown): string | undefined {
  return error instanceof StoreError ? error.forClients : undefined;
}
