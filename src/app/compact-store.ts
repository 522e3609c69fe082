import type { SqliteStoreConfig } from "../config/config.ts";
import { compactDatabase, type Compaction } from "../stores/sqlite/compact.ts";

/** Returns the free space of a SQLite store to the disk. Throws a StoreError if it cannot. */
export function compactStore({ path }: SqliteStoreConfig): Compaction {
  return compactDatabase(path);
}
