import { afterAll, beforeAll, expect, it } from "vitest";
import { describeCallBook } from "../../../test/contracts/call-book.contract.ts";
import { describeInventory } from "../../../test/contracts/inventory.contract.ts";
import { describeDeviceStore } from "../../../test/contracts/device-store.contract.ts";
import { describePreferenceStore } from "../../../test/contracts/preference-store.contract.ts";
import { describeKeptContent } from "../../../test/contracts/push-store-content.contract.ts";
import { describePushStoreModel } from "../../../test/contracts/push-store.model.ts";
import { describeQueueRoom } from "../../../test/contracts/push-store-room.contract.ts";
import { describePushStore } from "../../../test/contracts/push-store.contract.ts";
import { acceptNew, EVERYTHING, failed, LEASE_MS, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { describeWakeBook } from "../../../test/contracts/wake-book.contract.ts";
import { describeWellFormedText } from "../../../test/contracts/well-formed-text.contract.ts";
import { aCall, aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { type RedisServer, openOn, startRedis } from "../../../test/fixtures/redis-servers.ts";
import { buildAor } from "../../push/address.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

const open = openOn(() => ({ kind: "single", url: server.url }));
/** Gateways learn the loads of other shards with a delay. */
const openOneShard = openOn(() => ({ kind: "single", url: server.url }), { shards: 1 });
describePushStore("Redis", open);
describeQueueRoom("Redis", openOneShard);
describeKeptContent("Redis", open);
describePushStoreModel("Redis", open);
describeDeviceStore("Redis", open);
describePreferenceStore("Redis", open);
describeInventory("Redis", open);
describeCallBook("Redis", open);
describeWakeBook("Redis", open);
describeWellFormedText("Redis", open);

it("pages through dead letters of one millisecond and of all shards, each once", async () => {
  await using stores = await open();
  const subscribers = Array.from({ length: 20 }, (_, index) => buildAor(`user${index % 10}`, "example.org"));
  for (const [index, callee] of subscribers.entries()) {
    const tokens = { voip: `token of ${callee}` };
    await stores.devices.register(anIphone({ subscriber: callee, tokens }), NO_RULES);
    const lease = await acceptNew(stores.pushes, aCall({ callee, callId: `${index}` }));
    await stores.pushes.settle(lease, [failed()]);
  }

  const ids: string[] = [];
  for (;;) {
    const before = ids.at(-1);
    const page = await stores.pushes.listDeadLetters({ limit: 3, ...(before === undefined ? {} : { before }) });
    if (page.length === 0) break;
    ids.push(...page.map(({ id }) => id));
  }

  expect(ids).toHaveLength(subscribers.length);
  expect(new Set(ids).size).toBe(subscribers.length);
});

it("hands out what is most urgent in all shards first", async () => {
  await using stores = await open();
  const accepted: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    const callee = buildAor(`user${index}`, "example.org");
    await stores.devices.register(anIphone({ subscriber: callee, tokens: { remote: callee } }), NO_RULES);
    const request = index < 6 ? aMessage({ callee }) : aCall({ callee });
    accepted.push((await acceptNew(stores.pushes, request)).push.id);
    stores.clock.advance(1);
  }
  stores.clock.advance(LEASE_MS);

  const first = await stores.pushes.lease({ limit: 8, leaseMs: LEASE_MS });
  const rest = await stores.otherWorker.lease(EVERYTHING);

  expect(first.leases.map(({ push }) => push.id).toSorted()).toEqual(
    [...accepted.slice(6), ...accepted.slice(0, 2)].toSorted(),
  );
  expect(rest.leases.map(({ push }) => push.id).toSorted()).toEqual(accepted.slice(2, 6).toSorted());
});
