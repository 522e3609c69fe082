import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anAcceptance, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import {
  aCall,
  ALICE,
  ANDROID_TOKEN,
  anAndroid,
  anIphone,
  BOB,
  IPHONE_TOKENS,
} from "../../../test/fixtures/builders.ts";
import {
  type RedisServer,
  openSingle,
  redisOptions,
  startRedis,
  waitFor,
} from "../../../test/fixtures/redis-servers.ts";
import { startRedisProxy } from "../../../test/fixtures/redis-proxy.ts";
import type { DeviceStore } from "../../gateway/device-store.ts";
import type { PreferenceStore } from "../../gateway/preference-store.ts";
import { buildAor } from "../../push/address.ts";
import { createRedisDeviceStore } from "./devices.ts";
import { createRedisPreferenceStore } from "./preferences.ts";
import { openRedisStores } from "./redis-stores.ts";
import { openSession, type RedisSession } from "./session.ts";
import { createKeys } from "./shards.ts";

const SHARDS = 4;

let server: RedisServer;
let session: RedisSession;
beforeAll(async () => {
  server = await startRedis();
  session = await openSession({ connection: { kind: "single", url: server.url }, commandTimeoutMs: 2_000 }, 5_000);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Gateway {
  readonly devices: DeviceStore;
  readonly preferences: PreferenceStore;
  readonly keyPrefix: string;
}

/** A gateway whose commands reach Redis in the order that the scheduler chooses. */
function createSlowGateway(session: RedisSession, scheduler: fc.Scheduler): Gateway {
  const keyPrefix = `test-${randomUUID()}`;
  const keys = createKeys(keyPrefix, SHARDS);
  const slow: RedisSession = {
    ...session,
    run: async (...args) => {
      await scheduler.schedule(Promise.resolve());
      return session.run(...args);
    },
    ask: async (send) => {
      await scheduler.schedule(Promise.resolve());
      return session.ask(send);
    },
  };
  const deps = { session: slow, keys, clock: Date.now };
  return { keyPrefix, devices: createRedisDeviceStore(deps), preferences: createRedisPreferenceStore(deps) };
}

const SUBSCRIBERS = [ALICE, BOB, buildAor("carol", "example.org")] as const;

/** Returns the subscribers with the token in their records. */
async function listHolders(devices: DeviceStore, token: string): Promise<string[]> {
  const lists = await Promise.all(SUBSCRIBERS.map((subscriber) => devices.list(subscriber)));
  return lists.flat().flatMap(({ subscriber, tokens }) => (Object.values(tokens).includes(token) ? [subscriber] : []));
}

describe("a token that several want", () => {
  it("has one owner whatever comes at the same time in whatever order, and that one can be pruned", async () => {
    const step = fc.record({
      who: fc.constantFrom(ALICE, BOB),
      kind: fc.constantFrom("register", "register", "unregister"),
    });
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 2, maxLength: 5 }),
      fc.scheduler(),
      async (steps, scheduler) => {
        const { devices, keyPrefix } = createSlowGateway(session, scheduler);
        await scheduler.waitFor(devices.register(anAndroid(), NO_RULES));

        const changes = steps.map(({ who, kind }) =>
          kind === "register"
            ? devices.register(anAndroid({ subscriber: who }), NO_RULES)
            : devices.unregister(who, anAndroid().id),
        );
        await scheduler.waitFor(Promise.all(changes));

        const holders = await scheduler.waitFor(listHolders(devices, ANDROID_TOKEN));
        expect(holders.length).toBeLessThanOrEqual(1);
        // A subscriber loses the token only if he asked for it.
        const least = steps.every(({ kind }) => kind === "register") ? 1 : 0;
        expect(holders.length).toBeGreaterThanOrEqual(least);
        const listed = await server.admin.smembers(createKeys(keyPrefix, SHARDS).deviceId(anAndroid().id));
        expect(listed).toEqual(expect.arrayContaining(holders));
        const pruned = await scheduler.waitFor(devices.prune("fcm", ANDROID_TOKEN, 9_000));
        expect(pruned?.subscriber).toBe(holders[0]);
      },
    );

    await fc.assert(property, { numRuns: 300 });
  });

  it("is shared by all who register it with the same instance, and by nobody else, in whatever order", async () => {
    const binding = { instance: "urn:uuid:1", until: Date.now() + 600_000 };
    const order = fc.shuffledSubarray([...SUBSCRIBERS], { minLength: 2 });
    const property = fc.asyncProperty(order, fc.boolean(), fc.scheduler(), async (accounts, isTaken, scheduler) => {
      const { devices } = createSlowGateway(session, scheduler);
      const register = (subscriber: (typeof SUBSCRIBERS)[number]) =>
        devices.register(anAndroid({ subscriber, binding, registeredAt: Date.now() }), NO_RULES);
      await scheduler.waitFor(Promise.all(accounts.map(register)));

      const holders = await scheduler.waitFor(listHolders(devices, ANDROID_TOKEN));
      expect(holders.toSorted()).toEqual(accounts.toSorted());

      const another = anAndroid({ subscriber: buildAor("dave", "example.org"), registeredAt: Date.now() });
      const refreshes = isTaken ? [] : [register(accounts[0] ?? ALICE)];
      await scheduler.waitFor(Promise.all([...refreshes, devices.register(another, NO_RULES)]));
      const left = await scheduler.waitFor(listHolders(devices, ANDROID_TOKEN));
      const isDaves = (await scheduler.waitFor(devices.list(another.subscriber))).length === 1;
      // Either device may have been the last one.
      expect(left).toEqual(isDaves ? [] : [accounts[0]]);
    });

    await fc.assert(property, { numRuns: 200 });
  });

  it("stays with who registers it while an older death of it is carried out, in whatever order", async () => {
    const step = fc.constantFrom("die", "replace", "alice", "bob");
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 4 }),
      fc.scheduler(),
      async (steps, scheduler) => {
        const { devices } = createSlowGateway(session, scheduler);
        const register = (user: string) =>
          devices.register(anAndroid({ subscriber: buildAor(user, "example.org"), registeredAt: 3_000 }), NO_RULES);
        await scheduler.waitFor(devices.register(anAndroid(), NO_RULES));

        const changes = [...steps, "bob"].map((what) => {
          if (what === "die") return devices.prune("fcm", ANDROID_TOKEN, 2_000);
          return what === "replace" ? devices.replaceToken("fcm", "old", ANDROID_TOKEN) : register(what);
        });
        await scheduler.waitFor(Promise.all(changes));

        const holders = await scheduler.waitFor(listHolders(devices, ANDROID_TOKEN));
        expect(holders).toHaveLength(1);
        const pruned = await scheduler.waitFor(devices.prune("fcm", ANDROID_TOKEN, 9_000));
        expect(pruned?.subscriber).toBe(holders[0]);
      },
    );

    await fc.assert(property, { numRuns: 300 });
  });

  it("is moved whole by the next registration where the first was interrupted at any step", async () => {
    for (const interruptAt of Array.from({ length: 16 }, (_, index) => index)) {
      await using proxy = await startRedisProxy(server.port);
      const options = redisOptions({ kind: "single", url: proxy.url });
      await using stores = await openRedisStores(options);
      await stores.devices.register(anIphone(), NO_RULES);
      const bobs = anIphone({ subscriber: BOB, id: "bobs" });
      // Redis knows the scripts by now, so each further command is one request.
      await stores.devices.register(anIphone(), NO_RULES);

      proxy.cutReplyAfter(interruptAt);
      await stores.devices.register(bobs, NO_RULES).catch(() => undefined);
      proxy.cutReplyAfter(undefined);
      await waitFor("the store works again", async () => (await stores.pushes.depth()).pending === 0);
      await stores.devices.register(bobs, NO_RULES);

      expect(await stores.devices.list(ALICE)).toEqual([]);
      expect(await stores.devices.list(BOB)).toEqual([bobs]);
      expect(await stores.devices.prune("apns", IPHONE_TOKENS.voip, 9_000)).toEqual(bobs);
    }
  });
});

describe("preferences of a domain", () => {
  /** The domain's preferences as the accept script finds them in each shard. */
  async function listCopies(keyPrefix: string): Promise<unknown[]> {
    const keys = await server.admin.keys(`${keyPrefix}:*:preferences:example.org`);
    return Promise.all(keys.map((key) => server.admin.hgetall(key)));
  }

  it("are the same in all shards, whatever gateways write at the same time in whatever order", async () => {
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { preferences, keyPrefix } = createSlowGateway(session, scheduler);

      const patches = [1, 2, 3].map((expiry) => preferences.patchDomain("example.org", { mobile_push_expiry: expiry }));
      await scheduler.waitFor(Promise.all(patches));

      const copies = await listCopies(keyPrefix);
      expect(copies).toHaveLength(SHARDS);
      for (const copy of copies) expect(copy).toEqual(copies[0]);
      const { mobile_push_expiry: expiry } = await scheduler.waitFor(preferences.readDomain("example.org"));
      expect(copies[0]).toMatchObject({ mobile_push_expiry: String(expiry) });
    });

    await fc.assert(property, { numRuns: 50 });
  });

  it("let a subscriber's pushes be suppressed in whatever shard he is", async () => {
    await using stores = await openSingle(server.url, { shards: 16 });
    await stores.preferences.patchDomain("example.org", { mobile_push_enable: "never" });
    const callees = Array.from({ length: 50 }, (_, index) => buildAor(`user${index}`, "example.org"));

    const results = await Promise.all(callees.map((callee) => stores.pushes.accept(anAcceptance(aCall({ callee })))));

    expect(results.filter((result) => result.kind === "suppressed" && result.reason === "push_disabled")).toHaveLength(
      50,
    );
  });
});
