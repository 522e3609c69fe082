import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { LongestPauses } from "../../gateway/push-store.ts";
import { prepare } from "./statement.ts";

export function createWakeOversleepers(db: DatabaseSync, clock: Clock): (longest: LongestPauses) => number {
  const wake = prepare(
    db,
    `UPDATE pushes SET due_at = ?1 WHERE state = 'pending' AND rank IN (0, 1) AND due_at > ?1
     AND (due_at > ?2 OR lease_token IS NOT NULL)`,
  );
  return ({ leaseMs, retryMs }) => {
    const now = clock();
    return wake.run(now + leaseMs, now + Math.max(retryMs, leaseMs));
  };
}
