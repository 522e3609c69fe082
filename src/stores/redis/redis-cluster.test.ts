import { afterAll, beforeAll, expect, it } from "vitest";
import { describeCallBook } from "../../../test/contracts/call-book.contract.ts";
import { describeInventory } from "../../../test/contracts/inventory.contract.ts";
import { describeDeviceStore } from "../../../test/contracts/device-store.contract.ts";
import { describePreferenceStore } from "../../../test/contracts/preference-store.contract.ts";
import { describeKeptContent } from "../../../test/contracts/push-store-content.contract.ts";
import { describePushStoreModel } from "../../../test/contracts/push-store.model.ts";
import { describeQueueRoom } from "../../../test/contracts/push-store-room.contract.ts";
import { describePushStore } from "../../../test/contracts/push-store.contract.ts";
import { acceptNew, delivered, failed, LEASE_MS, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { describeWakeBook } from "../../../test/contracts/wake-book.contract.ts";
import { describeWellFormedText } from "../../../test/contracts/well-formed-text.contract.ts";
import { aCall, aMessage, anAndroid } from "../../../test/fixtures/builders.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import {
  type ClusterSetup,
  openOn,
  redisOptions,
  startCluster,
  waitFor,
} from "../../../test/fixtures/redis-servers.ts";
import type { Inventory } from "../../gateway/inventory.ts";
import type { Lease } from "../../gateway/push-store.ts";
import { buildAor } from "../../push/address.ts";
import { openRedisStores } from "./redis-stores.ts";

let setup: ClusterSetup;
beforeAll(async () => {
  setup = await startCluster();
});
afterAll(() => setup[Symbol.asyncDispose]());

const open = openOn(() => ({ kind: "cluster", nodes: setup.masters }));
/** Gateways learn the loads of other shards with a delay. */
const openOneShard = openOn(() => ({ kind: "cluster", nodes: setup.masters }), { shards: 1 });
describePushStore("Redis Cluster", open);
describeQueueRoom("Redis Cluster", openOneShard);
describeKeptContent("Redis Cluster", open);
describePushStoreModel("Redis Cluster", open);
describeDeviceStore("Redis Cluster", open);
describeInventory("Redis Cluster", open);
describePreferenceStore("Redis Cluster", open);
describeCallBook("Redis Cluster", open);
describeWakeBook("Redis Cluster", open);
describeWellFormedText("Redis Cluster", open);

it("works on with the shards that are left when a node dies, and with all when it is back", async () => {
  const [lost, ...others] = setup.masters;
  if (lost === undefined) throw new Error("A Cluster has masters");
  const connection = { kind: "cluster", nodes: setup.masters } as const;
  const clock = createManualClock();
  await using stores = await openRedisStores(redisOptions(connection, { clock, shards: 16, commandTimeoutMs: 1_000 }));
  const subscribers = Array.from({ length: 40 }, (_, index) => buildAor(`user${index}`, "example.org"));
  const held: Lease[] = [];
  for (const subscriber of subscribers) {
    const tokens = { registration: `token of ${subscriber}` };
    await stores.devices.register(anAndroid({ subscriber, tokens }), NO_RULES);
    held.push(await acceptNew(stores.pushes, aCall({ callee: subscriber })));
    const dead = await acceptNew(stores.pushes, aMessage({ callee: subscriber }));
    await stores.pushes.settle(dead, [failed("pixel")]);
    await stores.wakes.plan({ subscriber, deviceId: "pixel", afterMs: LEASE_MS });
  }

  await lost.kill();
  await waitFor("the Cluster has noticed", async () => {
    const views = await Promise.all(others.map(({ admin }) => admin.cluster("NODES")));
    return views.every((view) => /fail/.test(String(view)));
  });
  const renewal = await stores.pushes.renew(held, LEASE_MS);
  const whatIsLeft = {
    ...(await stores.pushes.depth()),
    dead: (await stores.pushes.listDeadLetters({ limit: 100 })).length,
    forgotten: await stores.pushes.forgetEnded(LEASE_MS),
    subscribers: await countSubscribers(stores.inventory),
  };
  const health = await stores.check();
  clock.advance(LEASE_MS);
  const whileAway = await stores.pushes.lease({ limit: 100, leaseMs: LEASE_MS });
  const settled = await Promise.all(whileAway.leases.map((lease) => stores.pushes.settle(lease, [delivered("pixel")])));
  const wokenWhileAway = await stores.wakes.takeDue({ limit: 100, againMs: LEASE_MS });
  await lost.restart();
  const stillPending = subscribers.length - whileAway.leases.length;
  await waitFor("all shards answer", async () => (await stores.pushes.depth()).pending === stillPending);
  const whenBack = await stores.pushes.lease({ limit: 100, leaseMs: LEASE_MS });
  const wokenWhenBack = await stores.wakes.takeDue({ limit: 100, againMs: LEASE_MS });

  const { length: left } = whileAway.leases;
  expect(health).toMatchObject({ ready: true, problems: [] });
  expect(health.degraded.join()).toMatch(/Shards [\d, ]+ do not answer \(16 in all\).*503/);
  expect(renewal.kept.size).toBe(left);
  expect(renewal).toMatchObject({ lost: new Set(), failure: expect.any(Error) });
  expect(whatIsLeft).toEqual({ pending: left, leased: left, dead: left, forgotten: 0, subscribers: left });
  expect(whileAway.leases.length).toBeGreaterThan(0);
  expect(whileAway.leases.length).toBeLessThan(subscribers.length);
  expect(settled.every(({ kind }) => kind === "settled")).toBe(true);
  expect(whileAway.leases.length + whenBack.leases.length).toBe(subscribers.length);
  expect(wokenWhileAway).toHaveLength(whileAway.leases.length);
  expect(wokenWhileAway.length + wokenWhenBack.length).toBe(subscribers.length);
});

async function countSubscribers(inventory: Inventory): Promise<number> {
  let count = 0;
  for await (const _entry of inventory.subscribers()) count += 1;
  return count;
}
