import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEASE_MS, NO_RULES, type StoreFixture, anAcceptance, leaseOf } from "../../../test/contracts/store-fixture.ts";
import { ALICE, ANDROID_TOKEN, aCall, aMessage, anAndroid, anIphone, BOB } from "../../../test/fixtures/builders.ts";
import { type RedisServer, redisOptions, startCluster, startRedis } from "../../../test/fixtures/redis-servers.ts";
import { releasedModule } from "../../../test/fixtures/gateway-processes.ts";
import type { RedisConnection, RedisStoreOptions } from "./redis-options.ts";
import { openRedisStores, type RedisStores } from "./redis-stores.ts";
import { openSession, type RedisSession } from "./session.ts";
import { createKeys } from "./shards.ts";
import { prepareFormat } from "./upgrade.ts";

/** The part of release 0.1.0 that these tests use. */
interface Release {
  openRedisStores(
    options: Omit<RedisStoreOptions, "version" | "mayUpgrade">,
  ): Promise<AsyncDisposable & Pick<StoreFixture, "devices" | "preferences" | "calls" | "wakes" | "pushes">>;
}
const release010 = (await import(releasedModule("0.1.0", "stores/redis/redis-stores"))) as Release;

const OLD_CALL = "0190a1b2-c3d4-7abc-8def-0123456789ab";
const OLD_MESSAGE = "0190a1b2-c3d4-7abc-8def-0123456789ac";
const OLD_ENDED = "0190a1b2-c3d4-7abc-8def-0123456789ad";
const CALL = { id: "a call@example.org", door: "v1", urlToken: "secret" };

/**
 * Writes what a gateway of 0.1.0 leaves behind: devices, preferences, a ringing call, a pending and an ended push, a
 * wake.
 */
async function fillAs010(options: RedisStoreOptions): Promise<void> {
  await using old = await release010.openRedisStores(options);
  await old.devices.register(anIphone(), NO_RULES);
  await old.devices.register(anAndroid({ subscriber: BOB }), NO_RULES);
  await old.preferences.patchSubscriber(BOB, { mobile_push_expiry: 90 });
  await old.preferences.patchDomain("example.org", { mobile_push_expiry: 40 });
  await old.pushes.accept({ ...anAcceptance(aCall({ callId: CALL.id }), OLD_CALL), call: CALL });
  await old.pushes.accept(anAcceptance(aMessage({ callee: BOB }), OLD_MESSAGE));
  const lease = leaseOf(await old.pushes.accept(anAcceptance(aCall({ callee: BOB, callId: "2" }), OLD_ENDED)));
  await old.pushes.settle(lease, [{ deviceId: "pixel", state: "failed", attempts: 1, reason: "Gone" }]);
  await old.wakes.plan({ subscriber: ALICE, deviceId: "iphone", afterMs: 3_600_000 });
}

/** Throws if anything of it is missing. */
async function expectAll(stores: RedisStores): Promise<void> {
  const { pushes, devices, preferences, calls, wakes } = stores;
  expect(await devices.list(ALICE)).toMatchObject([{ id: "iphone" }]);
  expect(await devices.findOwner("fcm", ANDROID_TOKEN)).toMatchObject({ subscriber: BOB, id: "pixel" });
  expect(await preferences.readSubscriber(BOB)).toEqual({ mobile_push_expiry: 90 });
  expect(await preferences.readDomain("example.org")).toEqual({ mobile_push_expiry: 40 });
  expect(await pushes.get(OLD_CALL)).toMatchObject({ state: "pending", preferences: { mobile_push_expiry: 40 } });
  expect(await pushes.listDeadLetters({ limit: 10 })).toMatchObject([{ id: OLD_ENDED, reason: "Gone" }]);
  expect(await calls.find(CALL.id)).toMatchObject([{ state: "ringing", pushIds: [OLD_CALL], callee: ALICE }]);
  expect(await calls.list(BOB, { since: 0, limit: 10 })).toEqual([]);
  expect(await wakes.takeDue({ limit: 10, againMs: LEASE_MS })).toEqual([]);
  // It is recognised as a repeat, and can still be worked on.
  const repeat = await pushes.accept(anAcceptance(aMessage({ callee: BOB }), pushes.newId(BOB)));
  expect(repeat).toMatchObject({ kind: "repeat", id: OLD_MESSAGE });
  expect(await pushes.depth()).toMatchObject({ pending: 2 });
  expect(await pushes.cancel({ id: OLD_MESSAGE })).toBe("cancelled");
}

function describeUpgrade(name: string, start: () => Promise<AsyncDisposable & { masters: readonly RedisServer[] }>) {
  describe(`a store of release 0.1.0 on ${name}`, () => {
    let setup: Awaited<ReturnType<typeof start>>;
    let connection: RedisConnection;

    beforeAll(async () => {
      setup = await start();
      const [{ url } = { url: "" }] = setup.masters;
      connection = setup.masters.length > 1 ? { kind: "cluster", nodes: setup.masters } : { kind: "single", url };
    });
    afterAll(() => setup[Symbol.asyncDispose]());

    const optionsFor = (keyPrefix: string) => redisOptions(connection, { keyPrefix, version: "0.2.0" });
    const listKeys = async (pattern: string) =>
      (await Promise.all(setup.masters.map(({ admin }) => admin.keys(pattern)))).flat();
    const openKeys = (options: RedisStoreOptions) => createKeys(options.keyPrefix, options.shards);

    it.each([
      ["ends with a colon", ":"],
      ["ends without one", ""],
    ])("has all its data and its ids after the start of this release, if the prefix %s", async (_what, end) => {
      const options = optionsFor(`old-${randomUUID()}${end}`);
      await fillAs010(options);

      await using stores = await openRedisStores(options);

      await expectAll(stores);
      const { prefix, format, format1Prefix } = openKeys(options);
      expect(JSON.parse((await readAnywhere(setup.masters, format)) ?? "")).toEqual({
        format: 2,
        shards: options.shards,
        written_by: "0.2.0",
        oldest_reader: 2,
      });
      const left = await listKeys(`${format1Prefix}*`);
      expect(left).toContain(`${format1Prefix}format`);
      expect(left.filter((key) => key.startsWith(`${prefix}:`))).toHaveLength(end === ":" ? 1 : 0);
      expect((await listKeys(`${prefix}*`)).length).toBeGreaterThan(10);
    });

    it("is refused to this release while a gateway of 0.1.0 uses it, and as it was afterwards", async () => {
      const options = optionsFor(`busy-${randomUUID()}:`);
      await using old = await release010.openRedisStores(options);
      using _watch = old.calls.watch(() => undefined);
      const channel = `${options.keyPrefix}:call-changes`;
      await expect
        .poll(async () => {
          const counts = await Promise.all(setup.masters.map(({ admin }) => admin.pubsub("NUMSUB", channel)));
          return counts.flatMap(([, count]) => Number(count)).reduce((a, b) => a + b, 0);
        })
        .toBe(1);

      await expect(openRedisStores(options)).rejects.toMatchObject({
        code: "unusable",
        message: expect.stringMatching(/1 gateways of release 0\.1\.0 still use it.*Stop all gateways of 0\.1\.0/),
      });

      await using _second = await release010.openRedisStores(options);
    });

    it.each([":", ""])(
      "is refused to 0.1.0 once this release has had it; and a new store is, too (prefix …%s)",
      async (end) => {
        const upgraded = optionsFor(`old-${randomUUID()}${end}`);
        await fillAs010(upgraded);
        await (await openRedisStores(upgraded))[Symbol.asyncDispose]();
        const fresh = optionsFor(`new-${randomUUID()}${end}`);
        await (await openRedisStores(fresh))[Symbol.asyncDispose]();

        for (const options of [upgraded, fresh]) {
          await expect(release010.openRedisStores(options)).rejects.toMatchObject({
            code: "unusable",
            message: expect.stringContaining('"oldest_reader":2'),
          });
        }
      },
    );

    it("is upgraded once where several gateways start at the same time", async () => {
      const options = optionsFor(`many-${randomUUID()}:`);
      await fillAs010(options);

      const opened = await Promise.all([1, 2, 3].map(() => openRedisStores(options)));

      for (const stores of opened) expect(await stores.pushes.depth()).toMatchObject({ pending: 2 });
      for (const stores of opened) await stores[Symbol.asyncDispose]();
    });

    it(
      "is upgraded by another gateway after the first was killed, wherever that was",
      { timeout: 60_000 },
      async () => {
        let isCut = true;
        let cuts = 0;
        for (let commands = 1; isCut; commands += 7) {
          const options = optionsFor(`cut-${randomUUID()}:`);
          const keys = openKeys(options);
          await fillAs010(options);
          await using session = await openSession(options, 5_000);
          const deps = { keys, version: "0.2.0", mayUpgrade: true };

          isCut = await prepareFormat({ ...deps, session: cutAfter(session, commands) }).then(
            () => false,
            () => true,
          );
          if (isCut) cuts += 1;
          // The lock of a killed gateway expires by itself.
          await session.ask((client) => client.del(keys.upgradeLock));

          await using stores = await openRedisStores(options);
          await expectAll(stores);
        }
        expect(cuts).toBeGreaterThan(3);
      },
    );

    it("is left alone by commands that only look", async () => {
      const options = optionsFor(`looked-at-${randomUUID()}:`);
      await fillAs010(options);

      await expect(openRedisStores({ ...options, mayUpgrade: false })).rejects.toMatchObject({
        code: "unusable",
        message: expect.stringContaining("Start the gateway first"),
      });

      await using _old = await release010.openRedisStores(options);
    });
  });
}

/** A session whose commands do nothing from a certain one on, as if the process had been killed. */
function cutAfter(session: RedisSession, commands: number): RedisSession {
  let left = commands;
  const count = () => {
    left -= 1;
    if (left < 0) throw new Error("killed");
  };
  return {
    ...session,
    ask: async (send) => {
      count();
      return session.ask(send);
    },
    run: async (...args) => {
      count();
      return session.run(...args);
    },
  };
}

async function readAnywhere(masters: readonly RedisServer[], key: string): Promise<string | null> {
  for (const { admin } of masters) {
    const value = await admin.get(key).catch(() => null);
    if (value !== null) return value;
  }
  return null;
}

describeUpgrade("a single Redis", async () => {
  const server = await startRedis();
  return { masters: [server], [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
});
describeUpgrade("a Cluster", () => startCluster());

describe("the format key", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function openOn(record: unknown): Promise<RedisStores> {
    const options = redisOptions({ kind: "single", url: server.url });
    await server.admin.set(createKeys(options.keyPrefix, options.shards).format, JSON.stringify(record));
    return openRedisStores(options);
  }

  it("lets this release use a later format whose additions do it no harm", async () => {
    await using stores = await openOn({ format: 3, shards: 4, written_by: "0.3.0", oldest_reader: 2 });

    expect(await stores.check()).toMatchObject({ ready: true, problems: [] });
  });

  it("keeps this release from a later format that it cannot read, and names the release to start", async () => {
    await expect(openOn({ format: 3, shards: 4, written_by: "0.3.0", oldest_reader: 3 })).rejects.toMatchObject({
      code: "unusable",
      message: expect.stringMatching(/release 0\.3\.0 wrote it in format 3.*this one knows 2\. Start that release/),
    });
  });

  it("is not taken for one if it holds something else", async () => {
    await expect(openOn("a text of somebody's")).rejects.toMatchObject({ code: "unusable" });
  });
});
