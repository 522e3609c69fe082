import { StoreError } from "../../gateway/store-error.ts";

/** Why the file could not be read or written. Codes are for programs, messages for operators. */
export type SqliteFailure = "disk_full" | "locked" | "unusable" | "failed" | "unsynced" | "displaced" | "closed";

export class SqliteStoreError extends StoreError {
  override readonly name = "SqliteStoreError";
  readonly code: SqliteFailure;
  /** SQLite always answers. */
  override readonly doubt = "failed";

  constructor(code: SqliteFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /**
   * SQLite rolls back and reports what it could not write. It also rolls back what it has written completely but could
   * not sync; but a gateway that died before the next commit would find that again.
   */
  get isUndone(): boolean {
    return this.code !== "unsynced";
  }
}

// https://www.sqlite.org/rescode.html: the low byte is the primary code.
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
/** The whole transaction is in the write-ahead log by then. */
const AFTER_THE_WRITE: ReadonlySet<number> = new Set([
  1034, // SQLITE_IOERR_FSYNC
  1290, // SQLITE_IOERR_DIR_FSYNC
  5386, // SQLITE_IOERR_SHMMAP
]);
/** Error of a full disk when the shared-memory file (`-shm`) has to grow. */
const SQLITE_IOERR_SHMSIZE = 4874;

export function isBusy(error: unknown): boolean {
  return (codeOf(error) & 0xff) === SQLITE_BUSY;
}

export function isFull(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE_IOERR_SHMSIZE || (code & 0xff) === SQLITE_FULL;
}

function codeOf(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;
}

/**
 * Returns an error that says what happened to which file, and what to do. Errors other than SQLite's are returned
 * unchanged.
 */
export function explain(path: string, error: unknown): unknown {
  if (codeOf(error) === 0) return error;
  if (isFull(error)) return diskFull(path, error);
  if (isBusy(error)) {
    const message = `${path} is locked by another process (a sqlite3 shell with an open transaction?): nothing was written. End that transaction.`;
    return new SqliteStoreError("locked", message, error);
  }
  const reason = error instanceof Error ? error.message : "unknown error";
  const advice =
    "Check the disk (dmesg), the file's permissions and attributes (lsattr), and the file (PRAGMA integrity_check).";
  return AFTER_THE_WRITE.has(codeOf(error))
    ? new SqliteStoreError(
        "unsynced",
        `${path} could not be synced: ${reason}. What was written may not last. ${advice}`,
        error,
      )
    : new SqliteStoreError("failed", `${path} could not be written: ${reason}. Nothing was stored. ${advice}`, error);
}

export function diskFull(path: string, cause?: unknown): SqliteStoreError {
  const message = `No room left to write ${path}: nothing was stored. Free disk space; the store then goes on by itself.`;
  return new SqliteStoreError("disk_full", message, cause);
}

export function closed(path: string): SqliteStoreError {
  return new SqliteStoreError(
    "closed",
    `${path} has been closed: the gateway is stopping, nothing is read or written.`,
  );
}
