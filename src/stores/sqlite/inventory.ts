import type { DatabaseSync } from "node:sqlite";
import type { Inventory } from "../../gateway/inventory.ts";
import type { Aor } from "../../push/address.ts";
import { createReadPreferences } from "./preferences.ts";
import type { ReadSnapshot } from "./snapshot.ts";
import { prepare } from "./statement.ts";

export interface SqliteInventoryDeps {
  readonly db: DatabaseSync;
  readonly readSnapshot: ReadSnapshot;
}

interface SubscriberRow {
  readonly subscriber: Aor;
  readonly devices: number;
}

const PAGE = 1_000;

export function createSqliteInventory({ db, readSnapshot }: SqliteInventoryDeps): Inventory {
  const readPreferences = createReadPreferences(db);
  const page = prepare<SubscriberRow>(
    db,
    `SELECT s.subscriber, (SELECT count(*) FROM devices AS d WHERE d.subscriber = s.subscriber) AS devices
     FROM (SELECT subscriber FROM devices WHERE subscriber > ?1
           UNION SELECT owner FROM preferences WHERE owner > ?1 AND instr(owner, '@') > 0
           ORDER BY 1 LIMIT ${PAGE}) AS s`,
  );
  const owners = prepare<{ owner: string }>(db, "SELECT owner FROM preferences WHERE instr(owner, '@') = 0");

  return {
    async *subscribers() {
      let last = "";
      for (;;) {
        const after = last;
        const entries = await readSnapshot(() =>
          page.all(after).map((row) => ({ ...row, preferences: readPreferences(row.subscriber) })),
        );
        yield* entries;
        const end = entries.at(-1);
        if (end === undefined || entries.length < PAGE) return;
        last = end.subscriber;
      }
    },
    domains: () =>
      readSnapshot(() => owners.all().map(({ owner }) => ({ domain: owner, preferences: readPreferences(owner) }))),
  };
}
