import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { QueueDepth } from "../../gateway/push-store.ts";
import { prepare } from "./statement.ts";

export function createReadDepth(db: DatabaseSync, clock: Clock): () => QueueDepth {
  const select = prepare<{ pending: number; leased: number }>(
    db,
    `SELECT pending, (SELECT count(*) FROM pushes
       WHERE state = 'pending' AND rank IN (0, 1) AND due_at > ? AND held = 1) AS leased FROM queue`,
  );

  return () => {
    const { pending = 0, leased = 0 } = select.get(clock()) ?? {};
    return { pending, leased };
  };
}
