import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSingle } from "../../../test/support/redis-fixture.ts";
import { startRedis, waitFor, type RedisServer } from "../../../test/support/redis-servers.ts";
import { findVersionProblem } from "./readiness.ts";
import type { RedisDurability } from "./redis-options.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

async function checkAt(durability: RedisDurability) {
  await using stores = await openSingle(server.url, { durability });
  return await stores.check();
}

describe("check", () => {
  it("finds nothing wrong with a Redis that is set up well", async () => {
    expect(await checkAt("process")).toEqual({ ready: true, problems: [] });
  });

  it("refuses a Redis that would throw pushes away", async () => {
    await using stores = await openSingle(server.url);
    await server.admin.config("SET", "maxmemory-policy", "allkeys-lru");

    const evicting = await stores.check();
    await server.admin.config("SET", "maxmemory-policy", "noeviction");

    expect(evicting).toMatchObject({ ready: false, problems: [expect.stringContaining("noeviction")] });
    expect(await stores.check()).toEqual({ ready: true, problems: [] });
  });

  it("refuses a Redis that forgets everything at a restart", async () => {
    await server.admin.config("SET", "appendonly", "no");

    const forgetful = await checkAt("process");
    await server.admin.config("SET", "appendonly", "yes");

    expect(forgetful).toMatchObject({ ready: false, problems: [expect.stringContaining("appendonly yes")] });
  });

  it("refuses a Redis that does not wait for its disk, where the disk was asked for", async () => {
    const everySecond = await checkAt("disk");
    await server.admin.config("SET", "appendfsync", "always");
    const always = await checkAt("disk");
    await server.admin.config("SET", "appendfsync", "everysec");

    expect(everySecond).toMatchObject({ ready: false, problems: [expect.stringContaining("appendfsync always")] });
    expect(always).toEqual({ ready: true, problems: [] });
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
    // What it had is gone: the new master's data replaced it.
    expect(await stores.check()).toMatchObject({ ready: true, problems: [expect.stringContaining("lost its data")] });
    expect(await stores.check()).toEqual({ ready: true, problems: [] });
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
    expect(await stores.check()).toEqual({ ready: true, problems: [] });
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
