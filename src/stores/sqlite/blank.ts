import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import { readKept, withoutTokens } from "../../push/kept-content.ts";
import type { Push, PushRequest, TerminalState } from "../../push/push.ts";
import { prepare } from "./statement.ts";

/** Columns of an ended push that say what is kept of it. */
export interface BlankedColumns {
  /** JSON. */
  readonly request: string;
  readonly tokensUntil: number | null;
}

/**
 * Returns what to write for the end of a push. `createBlankTokens` handles the tokens of its deliveries, which are in
 * another table.
 */
export function blankAtEnd(push: Push, state: TerminalState, endedAt: number, keepContent: boolean): BlankedColumns {
  const kept = keepContent ? undefined : readKept(push, state, endedAt);
  const request = kept?.request ?? push.request;
  return { request: JSON.stringify(request), tokensUntil: kept?.tokensUntil ?? null };
}

export function createBlankTokens(db: DatabaseSync): (pushId: string) => void {
  const blank = prepare(db, "UPDATE deliveries SET token = '' WHERE push_id = ?");
  return (pushId) => {
    blank.run(pushId);
  };
}

/** Small enough not to delay the pushes in the same transaction. */
const BATCH = 200;

/** Erases a batch of tokens whose time is over. Returns false if more may be due. */
export type BlankBatch = () => boolean;

export function createBlankBatch(db: DatabaseSync, clock: Clock): BlankBatch {
  const select = prepare<{ id: string; request: string }>(
    db,
    `SELECT id, request FROM pushes WHERE tokens_until <= ? ORDER BY tokens_until LIMIT ${BATCH}`,
  );
  const update = prepare(db, "UPDATE pushes SET request = ?, tokens_until = NULL WHERE id = ?");
  const blankTokens = createBlankTokens(db);

  return () => {
    const rows = select.all(clock());
    for (const { id, request } of rows) {
      update.run(JSON.stringify(withoutTokens(JSON.parse(request) as PushRequest)), id);
      blankTokens(id);
    }
    return rows.length < BATCH;
  };
}
