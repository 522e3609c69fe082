import type { DatabaseSync } from "node:sqlite";
import type { Push } from "../../push/push.ts";
import { DELIVERY_COLUMNS, PUSH_COLUMNS, readDelivery, readPush, type DeliveryRow, type PushRow } from "./rows.ts";
import { prepare } from "./statement.ts";

/** A stored push with the token that may settle it. */
export interface StoredPush {
  readonly push: Push;
  readonly leaseToken: string | null;
}

export type FindPush = (id: string) => StoredPush | undefined;

export function createFindPush(db: DatabaseSync): FindPush {
  const push = prepare<PushRow & { lease_token: string | null }>(
    db,
    `SELECT ${PUSH_COLUMNS}, lease_token FROM pushes WHERE id = ?`,
  );
  const deliveries = prepare<DeliveryRow>(
    db,
    `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE push_id = ? ORDER BY position`,
  );

  return (id) => {
    const row = push.get(id);
    if (row === undefined) return undefined;
    return { push: readPush(row, deliveries.all(id).map(readDelivery)), leaseToken: row.lease_token };
  };
}
