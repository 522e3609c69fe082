import { spawnSync } from "node:child_process";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acceptNew, anAcceptance, delivered, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";
import { ALICE, aCall, aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import { isUndone } from "../../gateway/store-error.ts";
import { openSqliteStores, type SqliteStores } from "./sqlite-stores.ts";
import { explain } from "./sqlite-error.ts";

const HEALTHY = { problems: [], degraded: [], durability: [] };

let cleanup: AsyncDisposableStack;
let path: string;
let stores: SqliteStores;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  path = join(cleanup.use(await createTemporaryDirectory()).path, "pushes.db");
  stores = cleanup.use(
    openSqliteStores({ path, durability: "process", clock: createManualClock(), ballastBytes: 0, lockTimeoutMs: 20 }),
  );
  await stores.devices.register(anIphone(), NO_RULES);
});
afterEach(() => cleanup.disposeAsync());

const moveAway = () => {
  for (const suffix of ["", "-wal", "-shm"]) renameSync(path + suffix, `${path}.moved${suffix}`);
};
const moveBack = () => {
  for (const suffix of ["", "-wal", "-shm"]) renameSync(`${path}.moved${suffix}`, path + suffix);
};

describe("a database file", () => {
  it("is found to be well, whether or not anything was written lately", async () => {
    expect(await stores.inspect()).toEqual(HEALTHY);
    await acceptNew(stores.pushes, aCall());
    expect(await stores.inspect()).toEqual(HEALTHY);
  });

  it.each([
    ["deleted", () => rmSync(path), /pushes\.db is gone: it was deleted, or moved/],
    ["moved", moveAway, /pushes\.db is gone: it was deleted, or moved/],
    [
      "replaced by a backup",
      () => (copyFileSync(path, `${path}.copy`), renameSync(`${path}.copy`, path)),
      /is another file.*Restart the gateway/,
    ],
    ["robbed of its log", () => rmSync(`${path}-wal`), /pushes\.db-wal is gone/],
  ])("that was %s takes nothing new, and what it had taken is brought to its end", async (_what, displace, words) => {
    const lease = await acceptNew(stores.pushes, aCall());
    displace();

    const health = await stores.inspect();

    expect(health).toMatchObject({ problems: [expect.stringMatching(words)], lost: expect.stringMatching(words) });
    expect(health.lost).toContain("1 push that was accepted before is still delivered");
    const refused = await stores.pushes.accept(anAcceptance(aMessage())).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "displaced", message: expect.stringMatching(words) });
    expect(isUndone(refused)).toBe(true);
    await expect(stores.devices.unregister(ALICE, "iphone")).rejects.toMatchObject({ code: "displaced" });
    await expect(stores.preferences.patchDomain("example.org", {})).rejects.toMatchObject({ code: "displaced" });
    expect(await stores.pushes.settle(lease, [delivered()])).toEqual({ kind: "settled", state: "delivered" });
  });

  it("goes on when it has been moved back", async () => {
    moveAway();
    expect((await stores.inspect()).problems).toHaveLength(1);

    moveBack();

    expect(await stores.inspect()).toEqual(HEALTHY);
    await acceptNew(stores.pushes, aCall());
  });

  it("that cannot be written refuses at once, says that nothing was stored, and goes on by itself", async () => {
    const { push } = await acceptNew(stores.pushes, aCall({ callId: "before" }));
    limitFileSize("0");
    try {
      const refused = await stores.pushes
        .accept(anAcceptance(aCall({ callId: "during" }), "during"))
        .catch((error: unknown) => error);

      expect(refused).toMatchObject({ code: "failed", message: expect.stringContaining("Nothing was stored") });
      expect(isUndone(refused)).toBe(true);
      const { problems, durability } = await stores.inspect();
      expect(problems).toEqual([expect.stringMatching(/pushes\.db could not be written: .*lsattr/)]);
      expect(durability).toEqual(problems);
      expect(await stores.pushes.get(push.id)).toMatchObject({ state: "pending" });
    } finally {
      limitFileSize("unlimited");
    }

    expect(await stores.inspect()).toEqual(HEALTHY);
    expect(await stores.pushes.get("during")).toBeUndefined();
    await acceptNew(stores.pushes, aCall({ callId: "after" }));
  });

  it("that another process keeps locked cannot take pushes, and says so", async () => {
    using shell = new DatabaseSync(path);
    shell.exec("BEGIN IMMEDIATE");
    await stores.pushes.accept(anAcceptance(aCall())).catch(() => undefined);

    const { problems } = await stores.inspect();

    expect(problems).toEqual([expect.stringContaining("locked by another process")]);
    shell.exec("ROLLBACK");
    expect(await stores.inspect()).toEqual(HEALTHY);
  });
});

describe("a failed write", () => {
  const failure = (errcode: number) => Object.assign(new Error("disk I/O error"), { errcode });

  it.each([
    [778, "failed", true], // SQLITE_IOERR_WRITE
    [10, "failed", true], // SQLITE_IOERR
    [8, "failed", true], // SQLITE_READONLY
    [1034, "unsynced", false], // SQLITE_IOERR_FSYNC
  ])("of SQLite's code %d is %s", (errcode, code, undone) => {
    const explained = explain("pushes.db", failure(errcode));

    expect(explained).toMatchObject({ code });
    expect(isUndone(explained)).toBe(undone);
  });
});

/**
 * Limits the file size, which for SQLite is a disk that accepts no data (EFBIG). Node ignores the accompanying signal.
 */
function limitFileSize(bytes: string): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:`], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}
