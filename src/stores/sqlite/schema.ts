import type { DatabaseSync } from "node:sqlite";
import { MIGRATIONS, type Migration } from "./migrations.ts";
import { prepare } from "./statement.ts";
import { SqliteStoreError } from "./sqlite-error.ts";

/** "pshd": identifies the file, so that a path to another program's database is refused instead of filled. */
const APPLICATION_ID = 0x70736864;

export interface MigrateOptions {
  /** For error messages. */
  readonly path: string;
  /** Version of this package. A file records which release has laid it out. */
  readonly release: string;
  /** Migrations that this release knows. */
  readonly migrations?: readonly Migration[];
}

/** Layout of a file. */
interface Layout {
  /** Number of migrations that ran. */
  readonly schema: number;
  /** Lowest schema that a release must know to use the file. */
  readonly oldestReader: number;
  /** Undefined in files written before this was recorded. */
  readonly writtenBy: string | undefined;
}

/**
 * Migrates a file to the newest schema. A file laid out by a newer release is used unchanged if that release's
 * migrations are additive, and refused otherwise, as is a file of another program.
 */
export function migrate(db: DatabaseSync, options: MigrateOptions): void {
  const { release, migrations = MIGRATIONS } = options;
  db.exec("BEGIN IMMEDIATE");
  try {
    const { schema } = requireReadable(readLayout(db, options.path), options, migrations.length);
    if (schema < migrations.length) {
      for (const { sql } of migrations.slice(schema)) db.exec(sql);
      writeLayout(db, { schema: migrations.length, oldestReader: findOldestReader(migrations), writtenBy: release });
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** Returns the number of the last migration that is not additive, which a release has to know. */
function findOldestReader(migrations: readonly Migration[]): number {
  return migrations.findLastIndex(({ isAdditive }) => !isAdditive) + 1;
}

function requireReadable(layout: Layout, { path, release }: MigrateOptions, known: number): Layout {
  const { schema, oldestReader, writtenBy } = layout;
  if (oldestReader <= known) return layout;
  const writer = writtenBy === undefined ? "a newer release" : `a newer release, ${writtenBy},`;
  throw new SqliteStoreError(
    "unusable",
    `${path} has schema version ${schema}: ${writer} wrote it. A reader has to know version ${oldestReader}, and this release, ` +
      `${release}, knows up to ${known}. Install ${writtenBy ?? "the newer release"}, or name another file in store.path.`,
  );
}

/** Returns true if the file belongs to a gateway of any release. */
export function isOurs(db: DatabaseSync): boolean {
  return readPragma(db, "application_id") === APPLICATION_ID;
}

function readLayout(db: DatabaseSync, path: string): Layout {
  const isEmpty = prepare(db, "SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (!isEmpty && !isOurs(db)) {
    throw new SqliteStoreError(
      "unusable",
      `${path} is a database of another program. Name another file in store.path.`,
    );
  }
  // Equal to oldest_reader. Up to 0.1.0 there was nothing else.
  const version = readPragma(db, "user_version");
  const meta = readMeta(db);
  return {
    schema: Math.max(version, Number(meta.get("schema") ?? 0)),
    oldestReader: version,
    writtenBy: meta.get("written_by")?.toString(),
  };
}

function readMeta(db: DatabaseSync): ReadonlyMap<string, string | number> {
  const exists = prepare(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'").get() !== undefined;
  if (!exists) return new Map();
  const rows = prepare<{ key: string; value: string | number }>(db, "SELECT key, value FROM meta").all();
  return new Map(rows.map(({ key, value }) => [key, value]));
}

function writeLayout(db: DatabaseSync, { schema, oldestReader, writtenBy = "unknown" }: Layout): void {
  const put = prepare(db, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
  put.run("schema", schema);
  put.run("written_by", writtenBy);
  put.run("oldest_reader", oldestReader);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${oldestReader}`);
}

function readPragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return prepare<Record<string, number>>(db, `PRAGMA ${name}`).get()?.[name] ?? 0;
}
