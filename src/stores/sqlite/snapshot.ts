import type { DatabaseSync } from "node:sqlite";
import { closed, explain } from "./sqlite-error.ts";

/** Reads one consistent state without waiting for writers. */
export type ReadSnapshot = <T>(read: () => T) => Promise<T>;

export function createReadSnapshot(db: DatabaseSync, path: string): ReadSnapshot {
  const begin = db.prepare("BEGIN");
  const commit = db.prepare("COMMIT");

  return async (read) => {
    if (!db.isOpen) throw closed(path);
    try {
      begin.run();
      try {
        return read();
      } finally {
        commit.run();
      }
    } catch (error) {
      throw explain(path, error);
    }
  };
}
