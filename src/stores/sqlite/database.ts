import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "./schema.ts";
import { explain, SqliteStoreError } from "./sqlite-error.ts";

/**
 * Meaning of "stored".
 * - `process`: it survives the death of this process.
 * - `disk`: it survives a power failure, at the cost of an fsync for each group of writes.
 */
export type SqliteDurability = "process" | "disk";

export interface DatabaseOptions {
  readonly path: string;
  readonly durability: SqliteDurability;
  /** Version of this package, to be recorded in the file. */
  readonly release?: string;
}

const OWNER_ONLY = 0o600;
/** During opening, other processes may be migrating the same file. */
const OPEN_LOCK_TIMEOUT_MS = 5000;
/** Later, waiting inside SQLite blocks the whole process, so this is short. group-commit waits outside of SQLite. */
const LOCK_TIMEOUT_MS = 20;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

export function openDatabase({ path, durability, release = "unknown" }: DatabaseOptions): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    // Creates the file before SQLite makes it world-readable. Its -wal and -shm files inherit the mode.
    if (path !== ":memory:") closeSync(openSync(path, "a", OWNER_ONLY));
    db = new DatabaseSync(path, { timeout: OPEN_LOCK_TIMEOUT_MS, enableForeignKeyConstraints: false });
    db.exec(`
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${durability === "disk" ? "FULL" : "NORMAL"};
      PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
      PRAGMA temp_store = MEMORY;
      PRAGMA secure_delete = FAST;
    `);
    migrate(db, { path, release });
    db.exec(`PRAGMA busy_timeout = ${LOCK_TIMEOUT_MS}`);
    return db;
  } catch (error) {
    db?.close();
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): unknown {
  const explained = explain(path, error);
  if (explained instanceof SqliteStoreError && explained.code !== "failed") return explained;
  const reason = error instanceof Error ? error.message : "unknown error";
  const advice = "The directory has to exist and to be writable for the gateway, and the file has to be its own.";
  return new SqliteStoreError("unusable", `The store ${path} could not be opened: ${reason}. ${advice}`, error);
}
