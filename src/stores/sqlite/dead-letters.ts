import type { DatabaseSync } from "node:sqlite";
import type { DeadLetterSelector } from "../../gateway/push-store.ts";
import type { Push } from "../../push/push.ts";
import { DELIVERY_COLUMNS, PUSH_COLUMNS, readDelivery, readPush, type DeliveryRow, type PushRow } from "./rows.ts";
import { prepare } from "./statement.ts";

const DEAD = "state IN ('failed', 'expired')";

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
