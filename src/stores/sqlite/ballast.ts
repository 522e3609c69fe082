import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { diskFull } from "./sqlite-error.ts";

/**
 * A file that only takes up room. On a full disk SQLite cannot even delete, so the file goes, and in its place the ends
 * of the pushes that had been accepted are written, while new ones are refused. It comes back once there is room for it.
 */
export interface Ballast {
  /** Throws where the disk is full. */
  readonly require: () => void;
  /** Gives its room up; false where that has been done already. */
  readonly release: () => boolean;
}

export interface BallastOptions {
  /** The database that it lies beside. */
  readonly databasePath: string;
  readonly bytes: number;
  /** Milliseconds, from anywhere on. */
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

/** Answers what prevented it. A part of a ballast is none: it would take the room that others need now. */
function restore(path: string, bytes: number): Error | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.size === bytes) return undefined;
    const file = openSync(path, "w", OWNER_ONLY);
    try {
      // Written, not truncated to its size: a hole takes up no room.
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
