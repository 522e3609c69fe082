import { chmodSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { NO_RULES } from "../../test/contracts/store-fixture.ts";
import { anIphone, ALICE } from "../../test/fixtures/builders.ts";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { openSqliteStores } from "../stores/sqlite/sqlite-stores.ts";
import { buildStoreCommand } from "./store.ts";

let directory: string;
let config: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sip-pushd-store-"));
  config = join(directory, "config.yml");
  path = join(directory, "pushes.db");
  await writeConfig(`store: { path: ${path} }`);
});
afterEach(() => rm(directory, { recursive: true }));

const writeConfig = (store: string) =>
  writeFile(config, `listen: [{ host: 127.0.0.1, port: 0 }]\nfcm: { enable: no }\n${store}\n`);
const openStores = () => openSqliteStores({ path, durability: "process", clock: Date.now, ballastBytes: 0 });
const compact = (...args: string[]) => runCli(buildStoreCommand, ["compact", "--config", config, ...args]);

/** A file made by 0.1.0, with 1.9 MB of free pages. */
async function makeOldFile(): Promise<void> {
  {
    using db = new DatabaseSync(path);
    db.exec("PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL; PRAGMA application_id = 0x70736864");
    db.exec("CREATE TABLE filling (x); INSERT INTO filling VALUES (zeroblob(2000000)); DROP TABLE filling");
    db.exec("PRAGMA application_id = 0; PRAGMA user_version = 0");
  }
  chmodSync(path, 0o600);
  await using stores = openStores();
  await stores.devices.register(anIphone(), NO_RULES);
}

it("gives the free space of an old file back, says how much, and loses nothing", async () => {
  await makeOldFile();
  const before = statSync(path).size;

  const run = await compact();

  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(run.stdout).toMatch(/pushes\.db: 1\.9 MB before, 0\.\d MB now\./);
  expect(statSync(path).size).toBeLessThan(before / 5);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await using stores = openStores();
  expect(await stores.devices.list(ALICE)).toEqual([anIphone()]);
});

it("sets the file up to give later free space back by itself", async () => {
  await makeOldFile();

  const run = await compact("--json");

  expect(JSON.parse(run.stdout)).toMatchObject({
    path,
    bytes_before: expect.any(Number),
    bytes_after: expect.any(Number),
  });
  using db = new DatabaseSync(path);
  expect(db.prepare("PRAGMA auto_vacuum").get()).toEqual({ auto_vacuum: 2 });
});

it("does nothing while a gateway has the file open", async () => {
  await makeOldFile();
  const before = statSync(path).size;
  await using stores = openStores();

  const run = await compact();

  expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  expect(run.stderr).toContain("is in use: a gateway or another process has it open. Stop it first");
  expect(statSync(path).size).toBe(before);
  expect(await stores.devices.list(ALICE)).toEqual([anIphone()]);
});

it.each([
  ["a file that is not there", async () => {}, "There is no file"],
  ["another program's database", async () => new DatabaseSync(path).exec("CREATE TABLE theirs (x)"), "another program"],
  [
    "a Redis",
    () => writeConfig("store: { kind: redis, redis: { url: 'redis://127.0.0.1:1' } }"),
    "has no file to compact",
  ],
])("refuses %s", async (_what, arrange, words) => {
  await arrange();

  const run = await compact();

  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(words);
});
