import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { anAcceptance, delivered, leaseOf, NO_RULES, WIDE_LIMITS } from "../../../test/contracts/store-fixture.ts";
import { createTemporaryDirectory } from "../../../test/contracts/temporary-directory.ts";
import { aCall, anIphone } from "../../../test/fixtures/builders.ts";
import { createManualClock, type ManualClock } from "../../../test/fixtures/clocks.ts";
import type { Lease, PushStore } from "../../gateway/push-store.ts";
import { buildLoadLimits } from "../../push/queue-room.ts";
import { createBallast } from "./ballast.ts";
import { openDatabase } from "./database.ts";
import { createSqliteDeviceStore } from "./devices.ts";
import { createGroupCommit } from "./group-commit.ts";
import { createSqlitePushStore } from "./push-store.ts";
import { createReadSnapshot } from "./snapshot.ts";
import { diskFull, SqliteStoreError } from "./sqlite-error.ts";

/**
 * Opens a store whose file is limited to a number of pages, which is a full disk for SQLite. `reserve` pages are its
 * ballast.
 */
async function openSmall(path: string, clock: ManualClock, reserve: number) {
  const db = openDatabase({ path, durability: "process" });
  let isReserved = true;
  const allow = (pages: number) => db.exec(`PRAGMA max_page_count = ${pages}`);
  const makeRoom = () => {
    if (!isReserved) return false;
    isReserved = false;
    allow(PAGES + reserve);
    return true;
  };
  const requireRoom = () => {
    if (!isReserved) throw diskFull(path);
  };
  const commits = createGroupCommit({ db, path, lockTimeoutMs: 0, makeRoom });
  const deps = {
    db,
    clock,
    commits,
    readSnapshot: createReadSnapshot(db, path),
    requireRoom,
    close: async () => {},
    keepContent: false,
    limits: buildLoadLimits(WIDE_LIMITS),
  };
  allow(PAGES);
  await createSqliteDeviceStore(deps).register(anIphone(), NO_RULES);
  return Object.assign(createSqlitePushStore(deps), { allow });
}

const PAGES = 100;

/** Accepts in groups until there is no room. Returns the accepted leases, and the final error. */
async function fill(pushes: PushStore): Promise<{ leases: Lease[]; reason: unknown }> {
  const leases: Lease[] = [];
  for (let round = 0; ; round += 1) {
    const requests = Array.from({ length: 8 }, (_, index) =>
      aCall({ callId: `${round}-${index}`, data: { note: "x".repeat(500) } }),
    );
    const results = await Promise.allSettled(requests.map((request) => pushes.accept(anAcceptance(request))));
    leases.push(...results.flatMap((result) => (result.status === "fulfilled" ? [leaseOf(result.value)] : [])));
    const refused = results.find(({ status }) => status === "rejected");
    if (refused?.status === "rejected") return { leases, reason: refused.reason };
  }
}

it("refuses new pushes when there is no room, loses none, and ends all that it had accepted", async () => {
  await using directory = await createTemporaryDirectory();
  await using pushes = await openSmall(join(directory.path, "pushes.db"), createManualClock(), 50);

  const { leases, reason } = await fill(pushes);

  expect(reason).toBeInstanceOf(SqliteStoreError);
  expect(reason).toMatchObject({ code: "disk_full", message: expect.stringContaining("Free disk space") });
  expect(leases.length).toBeGreaterThan(50);
  expect(await pushes.depth()).toEqual({ pending: leases.length, leased: leases.length });
  const results = await Promise.all(leases.map((lease) => pushes.settle(lease, [delivered()])));
  expect(results.filter(({ kind }) => kind === "settled")).toHaveLength(leases.length);
  expect(await pushes.depth()).toEqual({ pending: 0, leased: 0 });
});

it("refuses everything that needs room when there is none at all, and goes on when there is some again", async () => {
  await using directory = await createTemporaryDirectory();
  await using pushes = await openSmall(join(directory.path, "pushes.db"), createManualClock(), 0);
  const { leases } = await fill(pushes);

  await expect(pushes.accept(anAcceptance(aCall()))).rejects.toMatchObject({ code: "disk_full" });
  expect(await pushes.depth()).toEqual({ pending: leases.length, leased: leases.length });

  pushes.allow(PAGES * 2);
  for (const lease of leases) {
    expect(await pushes.settle(lease, [delivered()])).toEqual({ kind: "settled", state: "delivered" });
  }
});

it("gives its ballast up for the ends of accepted pushes, and takes no new ones until it has it back", async () => {
  await using directory = await createTemporaryDirectory();
  const databasePath = join(directory.path, "pushes.db");
  const ballast = createBallast({ databasePath, bytes: 8192, now: createManualClock() });
  expect(existsSync(`${databasePath}-ballast`)).toBe(true);

  expect(ballast.release()).toBe(true);

  expect(existsSync(`${databasePath}-ballast`)).toBe(false);
  expect(ballast.release()).toBe(false);
  expect(() => ballast.require()).toThrow("No room left");
});

it("takes its ballast up again after a while", async () => {
  await using directory = await createTemporaryDirectory();
  const databasePath = join(directory.path, "pushes.db");
  const now = createManualClock();
  const ballast = createBallast({ databasePath, bytes: 8192, now });
  ballast.release();

  now.advance(1_000);
  ballast.require();

  expect(existsSync(`${databasePath}-ballast`)).toBe(true);
  expect(ballast.release()).toBe(true);
});
