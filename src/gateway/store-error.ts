/** Why a store did not do what it was asked. */
export abstract class StoreError extends Error {
  /** True: certainly nothing was done. False: it may have been done, or may yet be. */
  abstract readonly isUndone: boolean;
}

/** Whether a failed call of a store is known to have changed nothing. */
export function isUndone(error: unknown): boolean {
  return error instanceof StoreError && error.isUndone;
}
