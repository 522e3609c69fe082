/** Why a store did not do what it was asked. */
export abstract class StoreError extends Error {
  /** True: certainly nothing was done. False: it may have been done, or may yet be. */
  abstract readonly isUndone: boolean;
  /** Why, in a sentence that may be told to clients: it names no host. Undefined if the operation alone says enough. */
  readonly forClients: string | undefined = undefined;
}

/** Whether a failed call of a store is known to have changed nothing. */
export function isUndone(error: unknown): boolean {
  return error instanceof StoreError && error.isUndone;
}

/** What clients may be told of why it failed; undefined if nothing more than that it failed. */
export function readForClients(error: unknown): string | undefined {
  return error instanceof StoreError ? error.forClients : undefined;
}
