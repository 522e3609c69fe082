import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";
import { createGroupCommit, type GroupCommit } from "./group-commit.ts";
import { prepare, type Statement } from "./statement.ts";

let cleanup: AsyncDisposableStack;
let path: string;
let db: DatabaseSync;
let commits: GroupCommit;
let insert: Statement<never>;

function openFile(): DatabaseSync {
  return new DatabaseSync(path, { timeout: 1 });
}

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  const directory = cleanup.use(await createTemporaryDirectory());
  path = join(directory.path, "numbers.db");
  db = openFile();
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE numbers (value INTEGER PRIMARY KEY) STRICT");
  commits = cleanup.use(createGroupCommit({ db, path, lockTimeoutMs: 50, makeRoom: () => false }));
  insert = prepare(db, "INSERT INTO numbers VALUES (?)");
});
afterEach(() => cleanup.disposeAsync());

/** Reads the file through another connection. */
function numbers(): unknown[] {
  using other = openFile();
  return other
    .prepare("SELECT value FROM numbers ORDER BY value")
    .all()
    .map(({ value }) => value);
}

function add(value: number): Promise<number> {
  return commits.write(() => {
    insert.run(value);
    return value;
  });
}

it("answers nobody before all of the group is in the file", async () => {
  const seen = await Promise.all([1, 2, 3].map((value) => add(value).then(numbers)));

  expect(seen).toEqual([
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

it("undoes the one that fails, and keeps its neighbours", async () => {
  const results = await Promise.allSettled([
    add(1),
    commits.write(() => {
      insert.run(2);
      throw new Error("halfway");
    }),
    add(1),
    add(3),
  ]);

  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { message: "halfway" } });
  expect(results[2]).toMatchObject({
    reason: { code: "failed", cause: { message: expect.stringContaining("UNIQUE") } },
  });
  expect(numbers()).toEqual([1, 3]);
});

it("waits for another process's transaction without stopping the event loop", async () => {
  const other = openFile();
  other.exec("BEGIN IMMEDIATE");
  setTimeout(() => {
    other.exec("COMMIT");
    other.close();
  }, 15);

  expect(await Promise.all([add(1), add(2)])).toEqual([1, 2]);
});

it("refuses all of a group that is locked out for too long, and works again when the lock is gone", async () => {
  using other = openFile();
  other.exec("BEGIN IMMEDIATE");

  const refused = await Promise.allSettled([add(1), add(2)]);
  other.exec("ROLLBACK");

  for (const result of refused) {
    expect(result).toMatchObject({ reason: { code: "locked", message: expect.stringContaining("sqlite3 shell") } });
  }
  expect(await add(1)).toBe(1);
  expect(numbers()).toEqual([1]);
});

it("refuses all of a group whose commit fails, and works again when the cause is gone", async () => {
  db.exec("PRAGMA foreign_keys = ON; CREATE TABLE children (parent REFERENCES numbers DEFERRABLE INITIALLY DEFERRED)");
  const addOrphan = () => commits.write(() => db.exec("INSERT INTO children VALUES (99)"));

  const results = await Promise.allSettled([add(1), addOrphan(), add(2)]);

  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(numbers()).toEqual([]);
  expect(await add(3)).toBe(3);
});

it("runs more than one group where more is asked for at once", async () => {
  await Promise.all(Array.from({ length: 500 }, (_, value) => add(value)));

  expect(numbers()).toHaveLength(500);
});

it("finishes what has begun before it closes, and refuses what comes after", async () => {
  const begun = add(1);

  await commits[Symbol.asyncDispose]();

  expect(await begun).toBe(1);
  expect(numbers()).toEqual([1]);
  await expect(add(2)).rejects.toMatchObject({ code: "closed" });
});

it("writes an operation that nobody waits for with the next one, before it", async () => {
  const order: number[] = [];
  const note = (value: number) => () => void order.push(value);
  const later = commits.writeSoon(note(1));
  await Promise.all([later, commits.write(note(2))]);

  expect(order).toEqual([1, 2]);
});

it("writes an operation that nobody waits for by itself if no other comes, and before it closes", async () => {
  await commits.writeSoon(() => insert.run(1));
  expect(numbers()).toEqual([1]);

  const last = commits.writeSoon(() => insert.run(2));
  await commits[Symbol.asyncDispose]();
  await last;
  expect(numbers()).toEqual([1, 2]);
});
