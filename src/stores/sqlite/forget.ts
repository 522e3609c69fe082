import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import { prepare } from "./statement.ts";

/** Small enough not to hold up the pushes that share the transaction. */
const BATCH = 200;

export interface ForgottenBatch {
  readonly pushes: number;
  /** Where to go on; absent at the end. */
  readonly next?: number;
}

/** Looks at one batch of pushes, from a place in the order of acceptance on, and forgets those that ended long ago. */
export type ForgetBatch = (olderThanMs: number, from: number) => ForgottenBatch;

interface EndRow {
  readonly seq: number;
  readonly accepted_at: number;
  readonly ended_at: number | null;
  readonly keep_until: number;
}

export function createForgetBatch(db: DatabaseSync, clock: Clock): ForgetBatch {
  const select = prepare<EndRow>(
    db,
    `SELECT seq, accepted_at, ended_at, keep_until FROM pushes WHERE seq >= ? ORDER BY seq LIMIT ${BATCH}`,
  );
  const remove = prepare(db, "DELETE FROM pushes WHERE seq = ?");

  return (olderThanMs, from) => {
    const now = clock();
    const cutoff = now - olderThanMs;
    const rows = select.all(from);
    const ended = rows.filter(({ ended_at: at, keep_until: keep }) => at !== null && at <= cutoff && keep <= now);
    for (const { seq } of ended) remove.run(seq);
    const last = rows.at(-1);
    // What was accepted after the cutoff ended after it: no index over the ends is needed.
    const isEnd = last === undefined || rows.length < BATCH || last.accepted_at > cutoff;
    return isEnd ? { pushes: ended.length } : { pushes: ended.length, next: last.seq + 1 };
  };
}
