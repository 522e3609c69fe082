import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { createBallast, type BallastOptions } from "./ballast.ts";
import { isFull } from "./sqlite-error.ts";

/** Room on the disk: what the ends of accepted pushes need goes before new pushes. */
export interface Room {
  /** Throws where the disk is full. */
  readonly require: () => void;
  /** False where there is none left to make. */
  readonly make: () => boolean;
}

/** A page that is written often goes into the file once for each checkpoint. */
const PAGES_PER_CHECKPOINT = 2000;
/** On a full disk the write-ahead log must not eat the room that the file itself needs when it is emptied into it. */
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

/** Empties the write-ahead log into the file and gives its room back; false where that freed nothing. */
function reclaimLog(db: DatabaseSync, path: string): boolean {
  const before = sizeOfLog(path);
  try {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    // The file has to grow itself, and cannot: all that was committed stays in the log.
    if (!isFull(error)) throw error;
  }
  return sizeOfLog(path) < before;
}

function sizeOfLog(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
