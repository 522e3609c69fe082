import type { DatabaseSync } from "node:sqlite";
import { domainOf, type Aor } from "../../push/address.ts";
import { NO_LOAD, type QueueLoad, type QueueLoads } from "../../push/queue-room.ts";
import { prepare } from "./statement.ts";

interface LoadRow {
  readonly holder: keyof QueueLoads;
  readonly pushes: number;
  readonly bytes: number;
  readonly messages: number;
  readonly message_bytes: number;
}

const COLUMNS = "holder, pushes, bytes, messages, message_bytes";

/** Returns a function that reads the loads to which a push to this callee would be added. */
export function createReadLoads(db: DatabaseSync): (callee: Aor) => QueueLoads {
  const select = prepare<LoadRow>(
    db,
    `SELECT ${COLUMNS} FROM queue_load WHERE holder = 'queue' AND name = ''
     UNION ALL SELECT ${COLUMNS} FROM queue_load WHERE holder = 'domain' AND name = ?
     UNION ALL SELECT ${COLUMNS} FROM queue_load WHERE holder = 'callee' AND name = ?`,
  );
  return (callee) => {
    const rows = select.all(domainOf(callee), callee);
    const find = (holder: keyof QueueLoads) => readLoad(rows.find((row) => row.holder === holder));
    return { queue: find("queue"), domain: find("domain"), callee: find("callee") };
  };
}

export interface QueueTotals {
  readonly queue: QueueLoad;
  readonly domains: readonly QueueLoad[];
}

export function createReadTotals(db: DatabaseSync): () => QueueTotals {
  const select = prepare<LoadRow>(db, `SELECT ${COLUMNS} FROM queue_load WHERE holder = ?`);
  return () => ({ queue: readLoad(select.get("queue")), domains: select.all("domain").map(readLoad) });
}

function readLoad(row: LoadRow | undefined): QueueLoad {
  if (row === undefined) return NO_LOAD;
  const { pushes, bytes, messages, message_bytes: messageBytes } = row;
  return { pushes, bytes, messages, messageBytes };
}
