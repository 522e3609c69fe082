import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MIGRATIONS, type Migration } from "./migrations.ts";
import { migrate } from "./schema.ts";

const NOW: readonly Migration[] = MIGRATIONS;
const ADDITIVE: Migration = { isAdditive: true, sql: "ALTER TABLE devices ADD COLUMN colour TEXT" };
const BREAKING: Migration = { isAdditive: false, sql: "ALTER TABLE devices RENAME COLUMN app TO application" };

let db: DatabaseSync;

beforeEach(() => {
  db = new DatabaseSync(":memory:");
});
afterEach(() => db.close());

function openAs(release: string, migrations: readonly Migration[]): void {
  migrate(db, { path: "pushes.db", release, migrations });
}

function readMeta(): unknown {
  return Object.fromEntries(
    db
      .prepare("SELECT key, value FROM meta")
      .all()
      .map(({ key, value }) => [key, value]),
  );
}

describe("the layout of a file", () => {
  it("says which release made it, and what a reader has to know", () => {
    openAs("0.2.0", NOW);

    expect(readMeta()).toEqual({ schema: NOW.length, written_by: "0.2.0", oldest_reader: 6 });
  });

  it("stays as the newest release has made it, whichever opens it", () => {
    openAs("0.3.0", [...NOW, ADDITIVE]);
    openAs("0.2.0", NOW);

    expect(readMeta()).toEqual({ schema: NOW.length + 1, written_by: "0.3.0", oldest_reader: 6 });
  });

  it("lets an older release work with the file after additive changes", () => {
    openAs("0.3.0", [...NOW, ADDITIVE]);

    openAs("0.2.0", NOW);
    db.exec("INSERT INTO preferences (owner) VALUES ('example.org')");
    openAs("0.4.0", [...NOW, ADDITIVE, { isAdditive: true, sql: "CREATE TABLE later (x)" }]);

    expect(readMeta()).toMatchObject({ schema: NOW.length + 2, written_by: "0.4.0" });
  });

  it("shuts an older release out after any other change, and names the release to install", () => {
    openAs("0.3.0", [...NOW, ADDITIVE, BREAKING]);

    const found = NOW.length + 2;
    expect(() => openAs("0.2.0", NOW)).toThrow(
      `pushes.db has schema version ${found}: a newer release, 0.3.0, wrote it. A reader has to know version ${found}, ` +
        `and this release, 0.2.0, knows up to ${NOW.length}. Install 0.3.0`,
    );
    expect(readMeta()).toMatchObject({ written_by: "0.3.0" });
  });

  it("is that of 0.1.0 to 0.1.0, which looks at user_version alone", () => {
    openAs("0.2.0", NOW);

    expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 6 });
  });
});
