import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RedisServer, openSingle, startRedis, waitFor } from "../../../test/fixtures/redis-servers.ts";
import { anAcceptance } from "../../../test/contracts/store-fixture.ts";
import { aCall, aTarget } from "../../../test/fixtures/builders.ts";
import type { Acceptance } from "../../gateway/push-store.ts";
import { judgeDurability } from "./durability.ts";
import { findVersionProblem } from "./readiness.ts";
import type { RedisDurability } from "./redis-options.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

const WELL = { ready: true, problems: [], degraded: [], durability: [] };

function aCallToAPhone(): Acceptance {
  return { ...anAcceptance(aCall()), targets: [aTarget()] };
}

async function checkAt(durability: RedisDurability) {
  await using stores = await openSingle(server.url, { durability });
  return await stores.check();
}

describe("check", () => {
  it("finds nothing wrong with a Redis that is set up well", async () => {
    expect(await checkAt("process")).toMatchObject(WELL);
  });

  it("refuses a Redis that would throw pushes away", async () => {
    await using stores = await openSingle(server.url);
    await server.admin.config("SET", "maxmemory-policy", "allkeys-lru");

    const evicting = await stores.check();
    await server.admin.config("SET", "maxmemory-policy", "noeviction");

    expect(evicting).toMatchObject({ ready: false, problems: [expect.stringContaining("noeviction")] });
    expect(await stores.check()).toMatchObject(WELL);
  });

  it("warns of a Redis that forgets everything at a restart, where the gateway's own death is to be survived", async () => {
    await server.admin.config("SET", "appendonly", "no");
    await using stores = await openSingle(server.url);

    const forgetful = await stores.check();
    const result = await stores.pushes.accept(aCallToAPhone());
    await server.admin.config("SET", "appendonly", "yes");

    expect(forgetful).toMatchObject({
      ready: true,
      problems: [],
      degraded: [expect.stringContaining("appendonly yes")],
    });
    expect(forgetful.durability).toEqual(forgetful.degraded);
    expect(result.kind).toBe("accepted");
  });

  it.each<[string, RedisDurability]>([
    ["disk", "disk"],
    ["replica", { replicas: 1, timeoutMs: 100 }],
  ])(
    "refuses every push where a restart would forget it and durability %s was asked for",
    async (_name, durability) => {
      await server.admin.config("SET", "appendonly", "no");
      await using stores = await openSingle(server.url, { durability });

      const refused = stores.pushes.accept(aCallToAPhone());
      await expect(refused).rejects.toMatchObject({
        code: "not_durable",
        isUndone: true,
        forClients: expect.any(String),
      });
      const forgetful = await stores.check();
      await server.admin.config("SET", "appendonly", "yes");

      expect(forgetful).toMatchObject({ ready: false, refusal: "appendonly is no" });
      expect(forgetful.problems).toContainEqual(expect.stringContaining("appendonly yes"));
    },
  );

  it("refuses a Redis that does not wait for its disk, where the disk was asked for, until it does", async () => {
    await using stores = await openSingle(server.url, { durability: "disk" });
    const everySecond = await stores.check();
    await expect(stores.pushes.accept(aCallToAPhone())).rejects.toMatchObject({ code: "not_durable" });

    await server.admin.config("SET", "appendfsync", "always");
    const always = await stores.check();
    const result = await stores.pushes.accept(aCallToAPhone());
    await server.admin.config("SET", "appendfsync", "everysec");

    expect(everySecond).toMatchObject({ ready: false, problems: [expect.stringContaining("appendfsync always")] });
    expect(always).toMatchObject(WELL);
    expect(result.kind).toBe("accepted");
  });

  it("takes pushes, with a warning, where Redis does not say how it writes to its disk", async () => {
    await server.admin.call("ACL", "SETUSER", "hosted", "on", ">secret", "~*", "&*", "+@all", "-config");
    const url = server.url.replace("redis://", "redis://hosted:secret@");
    await using stores = await openSingle(url, { durability: "disk" });

    const unknown = await stores.check();
    const result = await stores.pushes.accept(aCallToAPhone());

    expect(unknown).toMatchObject({ ready: true, problems: [], degraded: [expect.stringContaining("does not say")] });
    expect(result.kind).toBe("accepted");
  });

  it("refuses a Redis without the replicas that were asked for", async () => {
    const lonely = await checkAt({ replicas: 1, timeoutMs: 100 });

    expect(lonely).toMatchObject({ ready: false, problems: [expect.stringContaining("replicas")] });
  });

  it("refuses a master that has become a replica, and takes it again when it is the master again", async () => {
    await using stores = await openSingle(server.url);
    await using other = await startRedis();
    await server.admin.replicaof(other.host, other.port);
    await waitFor("it has synchronised", async () => (await server.admin.info()).includes("master_link_status:up"));

    const demoted = await stores.check();
    await server.admin.replicaof("NO", "ONE");

    expect(demoted).toMatchObject({ ready: false, problems: [expect.stringContaining("replica")] });
    // Its data was replaced by that of the new master.
    expect(await stores.check()).toMatchObject({ ready: true, lost: expect.stringContaining("has lost its data") });
  });

  it("says that data was lost, on every gateway and for as long as an operator needs to see it", async () => {
    await using stores = await openSingle(server.url, { keyPrefix: "flushed" });
    await using others = await openSingle(server.url, { keyPrefix: "flushed" });
    expect(await stores.check()).not.toHaveProperty("lost");

    await server.admin.flushall();
    const looks = [await stores.check(), await others.check(), await stores.check()];

    expect(looks.map(({ lost }) => lost)).toEqual(looks.map(() => expect.stringContaining("has lost its data")));
    await using later = await openSingle(server.url, { keyPrefix: "flushed" });
    expect(await later.check()).not.toHaveProperty("lost");
  });

  it("tells how far this machine's clock is off, which on one machine is nothing", async () => {
    await using stores = await openSingle(server.url);

    const { skewMs } = await stores.check();

    expect(Math.abs(skewMs ?? NaN)).toBeLessThan(1_000);
    expect(Math.abs(stores.clock() - Date.now())).toBeLessThan(1_000);
  });

  it("says that Redis cannot be reached", async () => {
    await using own = await startRedis();
    await using stores = await openSingle(own.url);
    await own.kill();

    expect(await stores.check()).toMatchObject({ ready: false, problems: [expect.stringContaining(`${own.port}`)] });
  });
});

describe("opening", () => {
  it("refuses another number of shards than the pushes were laid out for", async () => {
    const keyPrefix = "laid-out";
    await using stores = await openSingle(server.url, { keyPrefix, shards: 4 });

    const other = openSingle(server.url, { keyPrefix, shards: 8 });

    await expect(other).rejects.toMatchObject({
      code: "unusable",
      message: expect.stringContaining("store.redis.shards"),
    });
    expect(await stores.check()).toMatchObject(WELL);
  });

  it("refuses a Redis that asks for a password, and says so", async () => {
    await using own = await startRedis();
    await own.admin.config("SET", "requirepass", "secret");

    await expect(openSingle(own.url)).rejects.toMatchObject({ code: "access_denied" });
  });

  it.each([
    ["6.2.14", 1],
    ["7.0.15", 0],
    ["8.2.0", 0],
  ])("judges version %s", (version, problems) => {
    expect(findVersionProblem("Redis", { redis_version: version })).toHaveLength(problems);
  });
});

describe("judgeDurability", () => {
  const KEPT = { aof_enabled: "1", aof_last_write_status: "ok" };
  const FAILED = { ...KEPT, aof_last_write_status: "err" };

  it.each([
    ["an append-only file", KEPT, "everysec", "process", undefined, []],
    ["snapshots alone", { aof_enabled: "0", rdb_last_bgsave_status: "ok" }, "always", "disk", "appendonly is no", []],
    ["a failed write", FAILED, "always", "disk", "the last write of the append-only file failed", []],
    ["an fsync each second", KEPT, "everysec", "disk", "appendfsync is everysec", []],
    ["an fsync each second, with replicas", KEPT, "everysec", { replicas: 1, timeoutMs: 1 }, undefined, []],
    ["an fsync that it does not tell of", KEPT, undefined, "disk", undefined, ["CONFIG GET"]],
    ["no word about its file", {}, "always", "disk", undefined, ["does not say"]],
  ] as const)("judges a Redis with %s", (_what, info, fsync, durability, cause, doubts) => {
    const verdict = judgeDurability("Redis", info, fsync, durability);

    expect(verdict.cause).toBe(cause);
    expect(verdict.broken).toHaveLength(cause === undefined ? 0 : 1);
    expect(verdict.doubts).toEqual(doubts.map((doubt) => expect.stringContaining(doubt)));
  });
});
