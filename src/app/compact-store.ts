import type { SqliteStoreConfig } from "../config/config.ts";
import { compactDatabase, type Compaction } from "../stores/sqlite/compact.ts";

/** Gives the free space of a SQLite store back; throws a StoreError that says why it cannot. */
export function compactStore({ path }: SqliteStoreConfig): Compaction {
  return compactDatabase(path);
}
