import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import { prepare } from "./statement.ts";

/** Small enough not to delay the pushes in the same transaction. */
const BATCH = 200;

export interface ForgottenBatch {
  readonly pushes: number;
  /** False if more pushes may be due. */
  readonly isLast: boolean;
}

/** Visits a batch of pushes whose retention is over, and deletes those whose dedup key has expired. */
export type ForgetBatch = (olderThanMs: number) => ForgottenBatch;

interface EndRow {
  readonly seq: number;
  readonly keep_until: number;
}

export function createForgetBatch(db: DatabaseSync, clock: Clock): ForgetBatch {
  const select = prepare<EndRow>(
    db,
    `SELECT seq, keep_until FROM pushes WHERE ended_at IS NOT NULL AND coalesce(retain_from, ended_at) <= ?
     ORDER BY coalesce(retain_from, ended_at) LIMIT ${BATCH}`,
  );
  const remove = prepare(db, "DELETE FROM pushes WHERE seq = ?");
  const retain = prepare(db, "UPDATE pushes SET retain_from = ? WHERE seq = ?");

  return (olderThanMs) => {
    const now = clock();
    const rows = select.all(now - olderThanMs);
    const ended = rows.filter(({ keep_until: keepUntil }) => keepUntil <= now);
    for (const { seq } of ended) remove.run(seq);
    for (const { seq, keep_until: keepUntil } of rows) {
      // Postponed to the expiry of its dedup key, so that it is not visited in every round until then.
      if (keepUntil > now) retain.run(keepUntil - olderThanMs, seq);
    }
    return { pushes: ended.length, isLast: rows.length < BATCH };
  };
}
