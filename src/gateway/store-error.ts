/** Failure of a store operation. */
export abstract class StoreError extends Error {
  /** True if certainly nothing was done. False if it may have been done, or may still be. */
  abstract readonly isUndone: boolean;
  /** Reason in a sentence for clients, without host names. Undefined if naming the operation is enough. */
  readonly forClients: string | undefined = undefined;
}

/** Returns true if a failed store call is known to have changed nothing. */
export function isUndone(error: unknown): boolean {
  return error instanceof StoreError && error.isUndone;
}

/** Returns the reason that clients may be told, or undefined if there is nothing to tell except the failure. */
export function readForClients(error: unknown): string | undefined {
  return error instanceof StoreError ? error.forClients : undefined;
}
