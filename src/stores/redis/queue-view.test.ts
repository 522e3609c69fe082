import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { acceptNew, anAcceptance, EVERYTHING, LEASE_MS, WIDE_LIMITS } from "../../../test/contracts/store-fixture.ts";
import { A_DIRECT_IPHONE, aCall, aMessage } from "../../../test/fixtures/builders.ts";
import { type RedisServer, redisOptions, startRedis } from "../../../test/fixtures/redis-servers.ts";
import type { PushStore } from "../../gateway/push-store.ts";
import { buildAor, type Aor } from "../../push/address.ts";
import type { PushRequest } from "../../push/push.ts";
import type { QueueLimits } from "../../push/queue-room.ts";
import { createKeys } from "./shards.ts";
import { openRedisStores, type RedisStores } from "./redis-stores.ts";

const SHARDS = 16;

let server: RedisServer;
let client: Redis;
let opened: AsyncDisposableStack;
let keyPrefix: string;
beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url);
});
afterAll(async () => {
  client.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  opened = new AsyncDisposableStack();
  keyPrefix = `room-${randomUUID()}`;
});
afterEach(() => opened.disposeAsync());

async function open(limits: Partial<QueueLimits>): Promise<RedisStores> {
  const queue = { ...WIDE_LIMITS, messagesPercent: 75, ...limits };
  return opened.use(
    await openRedisStores(redisOptions({ kind: "single", url: server.url }, { keyPrefix, shards: SHARDS, queue })),
  );
}

let last = 0;
function messageTo(callee: Aor): PushRequest {
  return aMessage({ callee, pushId: `push-${(last += 1)}`, direct: A_DIRECT_IPHONE });
}
function callTo(callee: Aor): PushRequest {
  return aCall({ callee, pushId: `push-${(last += 1)}`, direct: A_DIRECT_IPHONE });
}
async function ask({ pushes }: { readonly pushes: PushStore }, request: PushRequest): Promise<string> {
  const result = await pushes.accept(anAcceptance(request));
  return result.kind === "full" ? `full: ${result.bound}` : result.kind;
}

const user = (number: number, domain = "example.org") => buildAor(`user${number}`, domain);

it("takes a call to a stranger of the same shard while the queue as a whole has room", async () => {
  const stores = await open({ pushes: 1_600, calleePushes: 1_000 });
  const keys = createKeys(keyPrefix, SHARDS);
  const bot = user(0);
  const neighbour = Array.from({ length: 1_000 }, (_, index) => user(index, "other.example")).find(
    (other) => keys.shardOf(other) === keys.shardOf(bot),
  );
  for (let count = 0; count < 100; count += 1) await acceptNew(stores.pushes, messageTo(bot));

  expect(await ask(stores, callTo(neighbour!))).toBe("accepted");
});

it("counts what the gateway itself has put into other shards at once", async () => {
  const stores = await open({ pushes: 16, domainPercent: 75 });
  for (let count = 0; count < 9; count += 1) await acceptNew(stores.pushes, messageTo(user(count)));

  expect(await ask(stores, messageTo(user(9)))).toBe("full: domain");
  for (let count = 0; count < 3; count += 1) {
    expect(await ask(stores, messageTo(user(count, "other.example")))).toBe("accepted");
  }
  expect(await ask(stores, messageTo(user(10, "third.example")))).toBe("full: messages");
  expect(await ask(stores, callTo(user(10, "third.example")))).toBe("accepted");
  expect(await stores.pushes.use()).toEqual({ queue: 13 / 16, messages: 1, domain: 1 });
});

it("learns what other gateways have put into other shards, and what has ended there", async () => {
  const stores = await open({ pushes: 8 });
  const others = await open({ pushes: 8 });
  const leases = [];
  for (let count = 0; count < 8; count += 1) leases.push(await acceptNew(others.pushes, callTo(user(count))));

  await stores.pushes.use();
  const refused = await ask(stores, callTo(user(100)));
  await others.pushes.cancel({ id: leases[0]!.push.id });
  await stores.pushes.use();

  expect(refused).toBe("full: queue");
  expect(await ask(stores, callTo(user(100)))).toBe("accepted");
});

it("gives back the room of a push that an operator has deleted by hand", async () => {
  const { pushes } = await open({ calleePushes: 1 });
  const { push } = await acceptNew(pushes, callTo(user(1)));
  const keys = createKeys(keyPrefix, SHARDS);
  const shard = keys.shardOf(user(1));
  await client.del(keys.push(shard, push.id));
  await client.zadd(`${shard}:calls`, Date.now() - LEASE_MS, push.id);

  await pushes.lease(EVERYTHING);

  expect(await ask({ pushes }, callTo(user(1)))).toBe("accepted");
  expect(await client.hgetall(`${shard}:callee-loads`)).toEqual({ [user(1)]: expect.stringMatching(/^1 \d+ 0 0$/) });
});

it("leaves no key of loads behind when all has ended", async () => {
  const { pushes } = await open({});
  const { push } = await acceptNew(pushes, messageTo(user(1)));

  await pushes.cancel({ id: push.id });

  expect(await client.keys(`${keyPrefix}:*loads`)).toEqual([]);
  expect(await client.keys(`${keyPrefix}:*counted`)).toEqual([]);
});
