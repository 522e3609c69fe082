import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { diskFull } from "./sqlite-error.ts";

/**
 * A file that only takes up space. On a full disk SQLite cannot even delete, so this file is removed to make room for
 * the ends of accepted pushes, while new pushes are refused. It is restored when there is space again.
 */
export interface Ballast {
  /** Throws if the disk is full. */
  readonly require: () => void;
  /** Gives up the space. Returns false if that was done before. */
  readonly release: () => boolean;
}

export interface BallastOptions {
  /** Database beside which it is stored. */
  readonly databasePath: string;
  readonly bytes: number;
  /** Milliseconds from any starting point. */
  readonly now: () => number;
}

const RESTORE_EVERY_MS = 1000;
const OWNER_ONLY = 0o600;
const CHUNK = Buffer.alloc(1024 * 1024);

export function createBallast({ databasePath, bytes, now }: BallastOptions): Ballast {
  if (databasePath === ":memory:" || bytes === 0) return { require() {}, release: () => false };
  const path = `${databasePath}-ballast`;
  let cause = restore(path, bytes);
  let triedAt = now();

  return {
    require() {
      if (cause === undefined) return;
      if (now() - triedAt >= RESTORE_EVERY_MS) {
        triedAt = now();
        cause = restore(path, bytes);
      }
      if (cause !== undefined) throw diskFull(databasePath, cause);
    },
    release() {
      if (cause !== undefined) return false;
      rmSync(path, { force: true });
      cause = new Error(`${path} was given up for the ends of accepted pushes`);
      triedAt = now();
      return true;
    },
  };
}

/** Returns the error that prevented it. A partial ballast is removed: it would take space that others need now. */
function restore(path: string, bytes: number): Error | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.size === bytes) return undefined;
    const file = openSync(path, "w", OWNER_ONLY);
    try {
      // Written, not truncated to its size: a sparse file takes no space.
      for (let left = bytes; left > 0;) left -= writeSync(file, CHUNK, 0, Math.min(left, CHUNK.length));
    } finally {
      closeSync(file);
    }
    return undefined;
  } catch (error) {
    rmSync(path, { force: true });
    return error instanceof Error ? error : new Error(String(error));
  }
}
