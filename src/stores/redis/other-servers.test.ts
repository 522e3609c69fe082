import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeCallBook } from "../../../test/contracts/call-book.contract.ts";
import { describeInventory } from "../../../test/contracts/inventory.contract.ts";
import { describeDeviceStore } from "../../../test/contracts/device-store.contract.ts";
import { describePreferenceStore } from "../../../test/contracts/preference-store.contract.ts";
import { describePushStoreModel } from "../../../test/contracts/push-store.model.ts";
import { describePushStore } from "../../../test/contracts/push-store.contract.ts";
import { describeWakeBook } from "../../../test/contracts/wake-book.contract.ts";
import { type RedisServer, openOn, redisOptions, startRedis } from "../../../test/fixtures/redis-servers.ts";
import { openRedisStores } from "./redis-stores.ts";

/** Paths of other servers on which to run the contracts, such as a Redis 8. */
const VARIABLE = "SIP_PUSHD_TEST_REDIS_SERVERS";

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Servers named by the variable, and `valkey-server` if it is on the path. */
function findServers(): readonly string[] {
  const named = (process.env[VARIABLE] ?? "").split(delimiter).filter((path) => path !== "");
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "valkey-server"));
  return [...new Set([...named, ...onPath.filter(canRun).slice(0, 1)])];
}

const SERVERS = findServers();

it("knows every other server that it was told to try", () => {
  const versions = SERVERS.map((path) => execFileSync(path, ["--version"], { encoding: "utf8" }));

  for (const version of versions) expect(version).toMatch(/^(Redis|Valkey) server v=\d+/);
});

describe.each(SERVERS)("%s", (program) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({}, "server", program);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const name = basename(program);
  const open = openOn(() => ({ kind: "single", url: server.url }));
  describePushStore(name, open);
  describePushStoreModel(name, open);
  describeDeviceStore(name, open);
  describeInventory(name, open);
  describePreferenceStore(name, open);
  describeCallBook(name, open);
  describeWakeBook(name, open);

  it("is fit for pushes, and says what it is", async () => {
    await using stores = await openRedisStores(redisOptions({ kind: "single", url: server.url }));

    expect(await stores.check()).toMatchObject({ ready: true, problems: [], degraded: [] });
    expect(await stores.describe()).toMatchObject([expect.stringContaining("append-only file")]);
  });
});
