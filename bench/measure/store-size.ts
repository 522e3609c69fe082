import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Gateway } from "../stage/gateway.ts";

export function databaseOf({ directory }: Gateway): string {
  return join(directory, "sip-pushd.db");
}

/** Bytes of the store: of the SQLite file without its log, or of all that Redis holds. */
export async function readStoreBytes(gateway: Gateway): Promise<number> {
  const { redis } = gateway.variant;
  if (redis !== undefined) return Number(/^used_memory:(\d+)/m.exec(await redis.admin.info("memory"))?.[1] ?? 0);
  const path = databaseOf(gateway);
  using db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  return statSync(path).size;
}
