import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Inventory } from "../../gateway/inventory.ts";
import type { CallBook } from "../../gateway/call-book.ts";
import type { Clock } from "../../gateway/clock.ts";
import type { DeviceStore } from "../../gateway/device-store.ts";
import type { PreferenceStore } from "../../gateway/preference-store.ts";
import type { PushStore } from "../../gateway/push-store.ts";
import type { WakeBook } from "../../gateway/wake-book.ts";
import { withWellFormedText } from "../../gateway/well-formed-text.ts";
import { buildLoadLimits, type QueueLimits } from "../../push/queue-room.ts";
import { createSqliteInventory } from "./inventory.ts";
import { createSqliteCallBook } from "./calls.ts";
import { openDatabase, type SqliteDurability } from "./database.ts";
import { createSqliteDeviceStore } from "./devices.ts";
import { createFindDisplacement } from "./file-identity.ts";
import { createGroupCommit, type GroupCommit } from "./group-commit.ts";
import { createHealthWatch, type SqliteHealth } from "./health.ts";
import { createSqlitePreferenceStore } from "./preferences.ts";
import { createSqlitePushStore } from "./push-store.ts";
import { createRoom } from "./room.ts";
import { createReadSnapshot } from "./snapshot.ts";
import { createSqliteWakeBook } from "./wakes.ts";

export interface SqliteStoreOptions {
  /** Path of the file, or `:memory:` for tests. Several processes of one host may share a file. */
  readonly path: string;
  readonly durability: SqliteDurability;
  readonly clock: Clock;
  /** Version of this package. The file records which release has laid it out. */
  readonly release?: string;
  /** Keeps texts and tokens of ended pushes until retention. */
  readonly keepContent?: boolean;
  /** Limits of pending pushes, beyond which new ones are refused. */
  readonly queue?: QueueLimits;
  /**
   * Size of the file `<path>-ballast`, which reserves space so that accepted pushes can end on a full disk. 0 disables
   * it.
   */
  readonly ballastBytes?: number;
  /** How long writes wait for another process's transaction before they are refused. */
  readonly lockTimeoutMs?: number;
}

/** Disposing it waits for writes that have begun; disposing `pushes` disposes all. */
export interface SqliteStores extends AsyncDisposable {
  readonly pushes: PushStore;
  readonly devices: DeviceStore;
  readonly preferences: PreferenceStore;
  readonly calls: CallBook;
  readonly wakes: WakeBook;
  readonly inventory: Inventory;
  /** Checks whether the file exists and can be written. Call it every few seconds. */
  inspect(): Promise<SqliteHealth>;
  /** Describes the store for an operator. */
  describe(): Promise<readonly string[]>;
}

const QUEUE: QueueLimits = {
  pushes: 100_000,
  bytes: 512 * 1024 * 1024,
  messagesPercent: 100,
  domainPercent: 100,
  calleePushes: 100_000,
};
const LOCK_TIMEOUT_MS = 2000;
const BALLAST_BYTES = 16 * 1024 * 1024;

/** Opens or creates the file. Throws a SqliteStoreError if it cannot be used. */
export function openSqliteStores(options: SqliteStoreOptions): SqliteStores {
  const { path, clock, lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  const { keepContent = false } = options;
  const limits = buildLoadLimits(options.queue ?? QUEUE);
  const db = openDatabase(options);
  const bytes = options.ballastBytes ?? BALLAST_BYTES;
  const room = createRoom(db, { databasePath: path, bytes, now: () => performance.now() });
  const commits = createGroupCommit({ db, path, lockTimeoutMs, makeRoom: room.make });
  const readSnapshot = createReadSnapshot(db, path);
  const findDisplacement = createFindDisplacement(path);
  const watch = { db, path, commits, findDisplacement, requireRoom: room.require, now: () => performance.now() };
  const { requireFile, inspect } = createHealthWatch(watch);
  const requireRoom = (): void => {
    requireFile();
    room.require();
  };
  const deps = { db, clock, commits, readSnapshot };
  const write: GroupCommit["write"] = async (operation) => {
    requireFile();
    return commits.write(operation);
  };
  // Work in progress continues whatever happened to the file, but no new work begins.
  const guarded = { ...deps, commits: { ...commits, write } };
  const calls = createSqliteCallBook(deps);
  const close = (): Promise<void> => {
    calls[Symbol.dispose]();
    return Promise.resolve(commits[Symbol.asyncDispose]());
  };

  return {
    pushes: withWellFormedText(createSqlitePushStore({ ...deps, close, limits, keepContent, requireRoom })),
    devices: withWellFormedText(createSqliteDeviceStore(guarded)),
    preferences: withWellFormedText(createSqlitePreferenceStore(guarded)),
    calls: withWellFormedText(calls),
    wakes: withWellFormedText(createSqliteWakeBook(deps)),
    inventory: createSqliteInventory(deps),
    inspect,
    describe: () => describeDatabase(db, options),
    [Symbol.asyncDispose]: close,
  };
}

async function describeDatabase(
  db: DatabaseSync,
  { path, durability }: SqliteStoreOptions,
): Promise<readonly string[]> {
  const version = String(db.prepare("SELECT sqlite_version() AS version").get()?.["version"]);
  const { bavail, bsize } = await statfs(path === ":memory:" ? "." : dirname(path));
  const free = `${Math.floor((bavail * bsize) / 1024 / 1024)} MB free`;
  return [`SQLite ${version} in ${path}, durability ${durability}, ${free} on its disk`];
}
