import { statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { acceptNew, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";
import { ALICE, aCall, anIphone } from "../../../test/fixtures/builders.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import { openDatabase } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { migrate } from "./schema.ts";
import { openSqliteStores, type SqliteStores } from "./sqlite-stores.ts";

/** Schema version before loads of domains and callees were counted. */
const BEFORE_LOADS = 7;

let cleanup: AsyncDisposableStack;
let path: string;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  path = join(cleanup.use(await createTemporaryDirectory()).path, "pushes.db");
});
afterEach(() => cleanup.disposeAsync());

function open(): SqliteStores {
  return openSqliteStores({ path, durability: "process", clock: createManualClock(), ballastBytes: 4096 });
}

function runSql(sql: string): void {
  using db = new DatabaseSync(path);
  db.exec(sql);
}

it("makes files that nobody else may read", async () => {
  await using stores = open();
  await stores.devices.register(anIphone(), NO_RULES);

  const modes = ["", "-wal", "-shm", "-ballast"].map((suffix) => statSync(path + suffix).mode & 0o777);

  expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
});

it.each([
  ["disk", "FULL", 2],
  ["process", "NORMAL", 1],
] as const)("writes at durability %s with synchronous = %s", (durability, _name, level) => {
  const db = openDatabase({ path, durability });

  const synchronous = db.prepare("PRAGMA synchronous").get();
  db.close();

  expect(synchronous).toEqual({ synchronous: level });
});

it("finds everything again when it is opened again", async () => {
  const before = open();
  await before.devices.register(anIphone(), NO_RULES);
  await before.preferences.patchSubscriber(ALICE, { mobile_push_expiry: 20 });
  await before.wakes.plan({ subscriber: ALICE, deviceId: "iphone", afterMs: 0 });
  const { push } = await acceptNew(before.pushes, aCall());
  await before[Symbol.asyncDispose]();

  await using after = open();

  expect(await after.devices.list(ALICE)).toEqual([anIphone()]);
  expect(await after.preferences.readSubscriber(ALICE)).toEqual({ mobile_push_expiry: 20 });
  expect(await after.pushes.get(push.id)).toEqual(push);
  expect(await after.wakes.takeDue({ limit: 1, againMs: 1 })).toMatchObject([
    { subscriber: ALICE, deviceId: "iphone" },
  ]);
});

it("shows an operator the tables that he looks for", async () => {
  await using stores = open();
  await stores.devices.register(anIphone(), NO_RULES);
  await stores.wakes.plan({ subscriber: ALICE, deviceId: "iphone", afterMs: 1 });
  await acceptNew(stores.pushes, aCall());
  using db = new DatabaseSync(path, { readOnly: true });

  const counts = ["pushes", "deliveries", "dedup", "devices", "tokens", "preferences", "wakes"].map(
    (table) => db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"],
  );

  expect(counts).toEqual([1, 1, 1, 1, 2, 0, 1]);
});

it("counts right although an operator deletes a push by hand", async () => {
  await using stores = open();
  await stores.devices.register(anIphone(), NO_RULES);
  await acceptNew(stores.pushes, aCall({ callId: "1" }));
  await acceptNew(stores.pushes, aCall({ callId: "2" }));

  runSql('DELETE FROM pushes WHERE request LIKE \'%"callId":"1"%\'');

  expect(await stores.pushes.depth()).toEqual({ pending: 1, leased: 1 });
});

it("counts what a file of an older release has pending", async () => {
  {
    using db = new DatabaseSync(path);
    migrate(db, { path, release: "0.1.0", migrations: MIGRATIONS.slice(0, BEFORE_LOADS) });
    db.exec(`INSERT INTO pushes (id, kind, callee, state, request, accepted_at, deadline, due_at, keep_until)
      VALUES ('1', 'call', 'alice@example.org', 'pending', '{"a":"ü"}', 1, 1, 1, 1),
        ('2', 'message', 'bob@example.org', 'pending', '{}', 1, 1, 1, 1), ('3', 'call', 'bob@example.org', 'failed', '{}', 1, 1, 1, 1)`);
  }
  const queue = { pushes: 4, bytes: 1_000, messagesPercent: 50, domainPercent: 100, calleePushes: 100 };
  await using stores = openSqliteStores({ path, durability: "process", clock: createManualClock(), queue });

  const before = await stores.pushes.use();
  await stores.pushes.cancel({ id: "1" });
  await stores.pushes.cancel({ id: "2" });

  expect(before).toEqual({ queue: 0.5, messages: 0.5, domain: 0.5 });
  expect(await stores.pushes.use()).toEqual({ queue: 0, messages: 0, domain: 0 });
});

it("refuses a file that a newer release wrote", async () => {
  await open()[Symbol.asyncDispose]();
  runSql("PRAGMA user_version = 999");

  expect(open).toThrow(/schema version 999.*newer release/);
});

it("refuses another program's database, and leaves it as it is", () => {
  runSql("CREATE TABLE theirs (x)");

  expect(open).toThrow("database of another program");
  runSql("SELECT x FROM theirs");
});

it("says what to do about a directory that is not there", () => {
  path = join(path, "missing", "pushes.db");

  expect(open).toThrow(/could not be opened.*has to exist/);
});

it("refuses a file that is no database, and leaves it as it is", async () => {
  await writeFile(path, "A letter to Bob, and no database at all. ".repeat(50));

  expect(open).toThrow(/could not be opened.*has to be its own/);
  expect(await readFile(path, "utf8")).toContain("letter");
});

it("reads while another process holds the file for writing", async () => {
  await using stores = open();
  await stores.devices.register(anIphone(), NO_RULES);
  const { push } = await acceptNew(stores.pushes, aCall());
  using shell = new DatabaseSync(path);
  shell.exec("BEGIN IMMEDIATE");

  expect(await stores.pushes.get(push.id)).toEqual(push);
  expect(await stores.pushes.depth()).toEqual({ pending: 1, leased: 1 });
  expect((await stores.pushes.lease({ limit: 5, leaseMs: 1_000 })).leases).toEqual([]);
  shell.exec("ROLLBACK");
});

it("says that it is closed to who comes too late", async () => {
  const stores = open();

  await stores[Symbol.asyncDispose]();
  await stores.pushes[Symbol.asyncDispose]();

  await expect(stores.pushes.get("id")).rejects.toMatchObject({ code: "closed" });
  await expect(stores.devices.unregister(ALICE, "iphone")).rejects.toMatchObject({ code: "closed" });
});
