import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { createBallast, type BallastOptions } from "./ballast.ts";
import { isFull } from "./sqlite-error.ts";

/** Space on the disk. The ends of accepted pushes take precedence over new pushes. */
export interface Room {
  /** Throws if the disk is full. */
  readonly require: () => void;
  /** Makes room. Returns false if no more can be made. */
  readonly make: () => boolean;
}

/** A page that changes often is written into the file once per checkpoint. */
const PAGES_PER_CHECKPOINT = 2000;
/** On a full disk the write-ahead log must not take the space that the file needs at the checkpoint. */
const PAGES_PER_SPARING_CHECKPOINT = 100;

export function createRoom(db: DatabaseSync, options: BallastOptions): Room {
  const { databasePath: path } = options;
  const ballast = createBallast(options);
  let isSparing = false;

  function spare(on: boolean): void {
    isSparing = on;
    db.exec(`PRAGMA wal_autocheckpoint = ${on ? PAGES_PER_SPARING_CHECKPOINT : PAGES_PER_CHECKPOINT}`);
  }

  spare(false);
  return {
    require() {
      ballast.require();
      if (isSparing) spare(false);
    },
    make() {
      if (reclaimLog(db, path)) return true;
      if (!ballast.release()) return false;
      spare(true);
      reclaimLog(db, path);
      return true;
    },
  };
}

/** Writes the log into the file and frees its space. Returns false if that freed nothing. */
function reclaimLog(db: DatabaseSync, path: string): boolean {
  const before = sizeOfLog(path);
  try {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    // The file itself has to grow and cannot. All commits stay in the log.
    if (!isFull(error)) throw error;
  }
  return sizeOfLog(path) < before;
}

function sizeOfLog(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
