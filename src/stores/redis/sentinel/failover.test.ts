import { describe, expect, it, vi } from "vitest";
import {
  type RedisServer,
  type SentinelSetup,
  openSingle,
  redisOptions,
  startRedis,
  startSentinel,
  waitFor,
} from "../../../../test/fixtures/redis-servers.ts";
import { anIphone } from "../../../../test/fixtures/builders.ts";
import { NO_RULES } from "../../../../test/contracts/store-fixture.ts";
import { openRedisStores } from "../redis-stores.ts";

const PREFIX = "sentinel-test";
const PATIENT = { timeout: 10_000, interval: 100 };

const openBehind = (name: string, sentinels: readonly RedisServer[]) =>
  openRedisStores(redisOptions({ kind: "sentinel", name, sentinels }, { keyPrefix: PREFIX }));

/** Returns true if a device registered through the stores is on this server. */
async function hasDevices({ url }: RedisServer): Promise<boolean> {
  await using direct = await openSingle(url, { keyPrefix: PREFIX });
  return (await direct.devices.list(anIphone().subscriber)).length > 0;
}

/** Starts a failover by hand, with both servers alive. */
async function failOver(setup: SentinelSetup): Promise<void> {
  await setup.sentinels[0]?.admin.call("SENTINEL", "FAILOVER", setup.name);
  await waitFor("the replica to be master", async () =>
    (await setup.replica.admin.info("replication")).includes("role:master"),
  );
}

describe("behind Sentinels", () => {
  it.concurrent("does not believe one that lags behind a failover, though it is asked first and its master answers", async () => {
    await using setup = await startSentinel();
    // Without news from the others it would never learn of the failover.
    await using oldMaster = await startRedis();
    await using lagging = await startRedis(
      { "sentinel monitor": `${setup.name} ${oldMaster.host} ${oldMaster.port} 1` },
      "sentinel",
    );
    await failOver(setup);

    await using stores = await openBehind(setup.name, [lagging, ...setup.sentinels]);
    await stores.devices.register(anIphone(), NO_RULES);

    expect(await oldMaster.admin.dbsize()).toBe(0);
    expect(await hasDevices(setup.replica)).toBe(true);
  });

  it.concurrent("leaves a master that lives when the Sentinels have another one", async () => {
    await using setup = await startSentinel();
    await using stores = await openBehind(setup.name, setup.sentinels);
    expect(await stores.check()).toMatchObject({ ready: true });

    await failOver(setup);
    // The old master still accepts connections, and soon becomes a replica.
    await vi.waitFor(async () => {
      await stores.devices.register(anIphone(), NO_RULES);
      expect(await hasDevices(setup.replica)).toBe(true);
    }, PATIENT);
  });

  it.concurrent("finds the other Sentinels by the one that it was told of", async () => {
    await using setup = await startSentinel();
    const [first, ...others] = setup.sentinels;
    if (first === undefined) throw new Error("there are Sentinels");
    await using stores = await openBehind(setup.name, [first]);
    await first.kill();
    await others[0]?.admin.call("SENTINEL", "FAILOVER", setup.name);

    await vi.waitFor(async () => {
      await stores.devices.register(anIphone(), NO_RULES);
      expect(await hasDevices(setup.replica)).toBe(true);
    }, PATIENT);
  });

  it.concurrent("says which name no Sentinel knows", async () => {
    await using setup = await startSentinel();
    const wrong = redisOptions({ kind: "sentinel", name: "calls", sentinels: setup.sentinels });
    await expect(openRedisStores(wrong)).rejects.toThrow("No Sentinel knows a master named calls");
  });

  it.concurrent("says that the Sentinels want a password, and finds the master with it", async () => {
    await using master = await startRedis();
    const monitor = `pushes ${master.host} ${master.port} 1`;
    await using locked = await startRedis({ "sentinel monitor": monitor, requirepass: "on-loopback" }, "sentinel");

    await expect(openBehind("pushes", [locked])).rejects.toMatchObject({
      code: "access_denied",
      message: expect.stringContaining("store.redis.sentinel"),
    });
    const connection = {
      kind: "sentinel",
      name: "pushes",
      sentinels: [locked],
      sentinelPassword: "on-loopback",
    } as const;
    await using stores = await openRedisStores(redisOptions(connection, { keyPrefix: PREFIX }));
    expect(await stores.check()).toMatchObject({ ready: true });
  });

  it.concurrent("says that no Sentinel answers", async () => {
    await using setup = await startSentinel();
    const [first] = setup.sentinels;
    if (first === undefined) throw new Error("there are Sentinels");
    await first.kill();
    await expect(openBehind(setup.name, [first])).rejects.toMatchObject({ code: "unreachable" });
  });
});
