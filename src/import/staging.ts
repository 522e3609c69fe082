import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { PreferenceRow } from "./build-preferences.ts";
import type { RegistrationRow } from "./build-devices.ts";
import { DUMP_TABLE_NAMES, DUMP_TABLES, type DumpRow, type DumpTable } from "./dump-tables.ts";

/** Rows of one subscriber or domain, ordered by name. */
export interface Owned<Row> {
  readonly owner: string;
  readonly rows: readonly Row[];
}

export type PreferenceLevel = "usr" | "dom";

/**
 * The dumps in a separate database, which joins and groups them whatever their size and order. A stopped import
 * continues from there.
 */
export interface Staging extends Disposable {
  /** Adds rows in one transaction. */
  add(rows: readonly DumpRow[]): void;
  /** Call when all dumps are read: assigns each row to its owner. */
  resolve(): void;
  count(table: DumpTable): number;
  countSubscribers(after: string): number;
  /** Number of registrations whose subscriber is in none of the dumps. */
  countOrphans(): number;
  registrations(after: string): Generator<Owned<RegistrationRow>>;
  preferences(level: PreferenceLevel, after: string): Generator<Owned<PreferenceRow>>;
  /** Reads a value stored in the file as JSON. */
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

const OWNER = "nullif(coalesce(r.username, s.username) || '@' || coalesce(r.domain, d.domain), '@')";

/** Created after all rows were added. An index makes sorting by owner cheap. */
const RESOLVE = `
  DROP TABLE IF EXISTS registrations;
  CREATE TABLE registrations AS
    SELECT ${OWNER} AS owner, r.id, r.reg_id, r.type, r.device_id, r.apns_type, r.timestamp
    FROM mobile_push_registrations r
    LEFT JOIN voip_subscribers s ON s.id = r.subscriber_id LEFT JOIN voip_domains d ON d.id = s.domain_id;
  CREATE INDEX registrations_owner ON registrations (owner);
  DROP TABLE IF EXISTS usr_preferences;
  CREATE TABLE usr_preferences AS
    SELECT ${OWNER} AS owner, coalesce(r.attribute, a.attribute) AS attribute, r.value
    FROM voip_usr_preferences r LEFT JOIN voip_preferences a ON a.id = r.attribute_id
    LEFT JOIN voip_subscribers s ON s.id = r.subscriber_id LEFT JOIN voip_domains d ON d.id = s.domain_id
    WHERE coalesce(r.attribute, a.attribute) LIKE 'mobile_push_%';
  CREATE INDEX usr_preferences_owner ON usr_preferences (owner);
  DROP TABLE IF EXISTS dom_preferences;
  CREATE TABLE dom_preferences AS
    SELECT coalesce(r.domain, d.domain) AS owner, coalesce(r.attribute, a.attribute) AS attribute, r.value
    FROM voip_dom_preferences r LEFT JOIN voip_preferences a ON a.id = r.attribute_id
    LEFT JOIN voip_domains d ON d.id = r.domain_id
    WHERE coalesce(r.attribute, a.attribute) LIKE 'mobile_push_%';
  CREATE INDEX dom_preferences_owner ON dom_preferences (owner);
`;

export function openStaging(path: string): Staging {
  // Creates the file before SQLite does, because it will contain device tokens.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const db = new DatabaseSync(path);
  // The file can be rebuilt from the dumps, so it is fast rather than durable; it only has to survive the death of the
  // process.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = FILE");
  db.exec("CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
  for (const table of DUMP_TABLE_NAMES) db.exec(createTable(table));
  const inserts = new Map(DUMP_TABLE_NAMES.map((table) => [table, prepareInsert(db, table)]));
  const countOf = (sql: string, ...values: SQLInputValue[]): number => Number(db.prepare(sql).get(...values)?.["n"]);

  return {
    add(rows) {
      db.exec("BEGIN");
      for (const { table, values } of rows) inserts.get(table)?.run(...values);
      db.exec("COMMIT");
    },
    resolve: () => db.exec(`BEGIN; ${RESOLVE} COMMIT`),
    count: (table) => countOf(`SELECT count(*) AS n FROM ${table}`),
    countSubscribers: (after) => countOf("SELECT count(DISTINCT owner) AS n FROM registrations WHERE owner > ?", after),
    countOrphans: () => countOf("SELECT count(*) AS n FROM registrations WHERE owner IS NULL"),
    registrations: (after) => groupByOwner(iterate<RegistrationRow>(db, "registrations", after)),
    preferences: (level, after) => groupByOwner(iterate<PreferenceRow>(db, `${level}_preferences`, after)),
    read(key) {
      const row = db.prepare("SELECT value FROM state WHERE key = ?").get(key);
      return row === undefined ? undefined : JSON.parse(String(row["value"]));
    },
    write(key, value) {
      db.prepare("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)").run(key, JSON.stringify(value));
    },
    [Symbol.dispose]: () => db.close(),
  };
}

/** Ids are the primary keys, so a dump that is given twice counts once. */
function createTable(table: DumpTable): string {
  const columns = DUMP_TABLES[table].map((column) => (column === "id" ? "id INTEGER PRIMARY KEY" : `${column} TEXT`));
  return `CREATE TABLE IF NOT EXISTS ${table} (${columns.join(", ")})`;
}

function prepareInsert(db: DatabaseSync, table: DumpTable): StatementSync {
  const columns = DUMP_TABLES[table];
  const places = columns.map(() => "?").join(", ");
  return db.prepare(`INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${places})`);
}

type OwnedRow<Row> = Row & { readonly owner: string };

function iterate<Row>(db: DatabaseSync, table: string, after: string): Iterable<OwnedRow<Row>> {
  const rows: Iterable<unknown> = db.prepare(`SELECT * FROM ${table} WHERE owner > ? ORDER BY owner`).iterate(after);
  return rows as Iterable<OwnedRow<Row>>;
}

function* groupByOwner<Row extends object>(rows: Iterable<OwnedRow<Row>>): Generator<Owned<Row>> {
  let owner: string | undefined;
  let group: Row[] = [];
  for (const row of rows) {
    if (owner !== undefined && row.owner !== owner) {
      yield { owner, rows: group };
      group = [];
    }
    owner = row.owner;
    group.push(row);
  }
  if (owner !== undefined) yield { owner, rows: group };
}
