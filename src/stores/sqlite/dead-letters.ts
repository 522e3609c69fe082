import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { DeadLetterSelector } from "../../gateway/push-store.ts";
import { withoutContentAndTokens } from "../../push/kept-content.ts";
import type { Push, PushRequest } from "../../push/push.ts";
import { createBlankTokens } from "./blank.ts";
import { DELIVERY_COLUMNS, PUSH_COLUMNS, readDelivery, readPush, type DeliveryRow, type PushRow } from "./rows.ts";
import { prepare } from "./statement.ts";

const DEAD = "state IN ('failed', 'expired') AND replayed_as IS NULL";

export function createListDeadLetters(db: DatabaseSync): (selector: DeadLetterSelector) => Push[] {
  const newest = prepare<PushRow>(db, `SELECT ${PUSH_COLUMNS} FROM pushes WHERE ${DEAD} ORDER BY seq DESC LIMIT ?`);
  const older = prepare<PushRow>(
    db,
    `SELECT ${PUSH_COLUMNS} FROM pushes WHERE ${DEAD} AND seq < (SELECT seq FROM pushes WHERE id = ?)
     ORDER BY seq DESC LIMIT ?`,
  );
  const deliveries = prepare<DeliveryRow>(
    db,
    `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE push_id = ? ORDER BY position`,
  );
  return ({ limit, before }) => {
    const rows = before === undefined ? newest.all(limit) : older.all(before, limit);
    return rows.map((row) => readPush(row, deliveries.all(row.id).map(readDelivery)));
  };
}

export function createDropDeadLetter(db: DatabaseSync): (id: string) => boolean {
  const remove = prepare(db, `DELETE FROM pushes WHERE id = ? AND ${DEAD}`);
  return (id) => remove.run(id) > 0;
}

export interface MarkReplayedDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  /** Keeps texts and tokens of ended pushes. */
  readonly keepContent: boolean;
}

export function createMarkReplayed(deps: MarkReplayedDeps): (id: string, replacement: string) => boolean {
  const { db, clock, keepContent } = deps;
  const find = prepare<{ request: string }>(db, `SELECT request FROM pushes WHERE id = ? AND ${DEAD}`);
  const mark = prepare(db, "UPDATE pushes SET replayed_as = ?, replayed_at = ?, request = ? WHERE id = ?");
  const blankTokens = createBlankTokens(db);

  return (id, replacement) => {
    const row = find.get(id);
    if (row === undefined) return false;
    const { request } = row;
    const left = keepContent ? request : JSON.stringify(withoutContentAndTokens(JSON.parse(request) as PushRequest));
    mark.run(replacement, clock(), left, id);
    if (!keepContent) blankTokens(id);
    return true;
  };
}
