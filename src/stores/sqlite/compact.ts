import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { explain, isBusy, isFull, SqliteStoreError } from "./sqlite-error.ts";
import { isOurs } from "./schema.ts";

/** Sizes of the file in bytes, including its write-ahead log. */
export interface Compaction {
  readonly before: number;
  readonly after: number;
}

/** How long a process that is just ending may keep the file. */
const LOCK_TIMEOUT_MS = 1_000;

/**
 * Rewrites the file without its free pages, and sets it up to return later ones by itself. No other process may have it
 * open: rewriting a large file takes minutes, in which every push would be refused.
 */
export function compactDatabase(path: string): Compaction {
  const before = sizeOf(path);
  try {
    using db = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
    if (!isOurs(db)) throw new SqliteStoreError("unusable", `${path} is a database of another program.`);
    // In WAL mode every process with the open file holds a lock that excludes this one.
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
    db.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    throw explainCompaction(path, error);
  }
  return { before, after: sizeOf(path) };
}

function sizeOf(path: string): number {
  const size = (suffix: string) => statSync(path + suffix, { throwIfNoEntry: false })?.size;
  const database = size("");
  if (database === undefined) throw new SqliteStoreError("unusable", `There is no file ${path}.`);
  return database + (size("-wal") ?? 0);
}

function explainCompaction(path: string, error: unknown): unknown {
  if (error instanceof SqliteStoreError) return error;
  if (isBusy(error)) {
    const message = `${path} is in use: a gateway or another process has it open. Stop it first; nothing was changed.`;
    return new SqliteStoreError("locked", message, error);
  }
  if (isFull(error)) {
    const message = `There is no room to rewrite ${path}: up to twice its size is needed beside it. Nothing was changed.`;
    return new SqliteStoreError("disk_full", message, error);
  }
  return explain(path, error);
}
