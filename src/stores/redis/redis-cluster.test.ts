import { afterAll, beforeAll, expect, it } from "vitest";
import { describeCallBook } from "../../../test/contracts/call-book.contract.ts";
import { describeCensus } from "../../../test/contracts/census.contract.ts";
import { describeDeviceStore } from "../../../test/contracts/device-store.contract.ts";
import { describePreferenceStore } from "../../../test/contracts/preference-store.contract.ts";
import { describeKeptContent } from "../../../test/contracts/push-store-content.contract.ts";
import { describePushStoreModel } from "../../../test/contracts/push-store.model.ts";
import { describePushStore } from "../../../test/contracts/push-store.contract.ts";
import { acceptNew, delivered, LEASE_MS, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { describeWakeBook } from "../../../test/contracts/wake-book.contract.ts";
import { describeWellFormedText } from "../../../test/contracts/well-formed-text.contract.ts";
import { aCall, anAndroid } from "../../../test/support/builders.ts";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import { openOn, redisOptions } from "../../../test/support/redis-fixture.ts";
import { startCluster, waitFor, type ClusterSetup } from "../../../test/support/redis-servers.ts";
import { buildAor } from "../../push/address.ts";
import { openRedisStores } from "./redis-stores.ts";

let setup: ClusterSetup;
beforeAll(async () => {
  setup = await startCluster();
});
afterAll(() => setup[Symbol.asyncDispose]());

const open = openOn(() => ({ kind: "cluster", nodes: setup.masters }));
describePushStore("Redis Cluster", open);
describeKeptContent("Redis Cluster", open);
describePushStoreModel("Redis Cluster", open);
describeDeviceStore("Redis Cluster", open);
describeCensus("Redis Cluster", open);
describePreferenceStore("Redis Cluster", open);
describeCallBook("Redis Cluster", open);
describeWakeBook("Redis Cluster", open);
describeWellFormedText("Redis Cluster", open);

it("works on with the shards that are left when a node dies, and with all when it is back", async () => {
  const [lost, ...left] = setup.masters;
  if (lost === undefined) throw new Error("A Cluster has masters");
  const connection = { kind: "cluster", nodes: setup.masters } as const;
  const clock = createManualClock();
  await using stores = await openRedisStores(redisOptions(connection, { clock, shards: 16, commandTimeoutMs: 1_000 }));
  const subscribers = Array.from({ length: 40 }, (_, index) => buildAor(`user${index}`, "example.org"));
  for (const subscriber of subscribers) {
    const tokens = { registration: `token of ${subscriber}` };
    await stores.devices.register(anAndroid({ subscriber, tokens }), NO_RULES);
    await acceptNew(stores.pushes, aCall({ callee: subscriber }));
    await stores.wakes.plan({ subscriber, deviceId: "pixel", afterMs: LEASE_MS });
  }

  await lost.kill();
  await waitFor("the Cluster has noticed", async () => {
    const views = await Promise.all(left.map(({ admin }) => admin.cluster("NODES")));
    return views.every((view) => /fail/.test(String(view)));
  });
  clock.advance(LEASE_MS);
  const whileAway = await stores.pushes.lease({ limit: 100, leaseMs: LEASE_MS });
  const settled = await Promise.all(whileAway.leases.map((lease) => stores.pushes.settle(lease, [delivered("pixel")])));
  const wokenWhileAway = await stores.wakes.takeDue({ limit: 100, againMs: LEASE_MS });
  await lost.restart();
  await waitFor("all shards answer", async () => (await stores.pushes.depth()).pending >= 0);
  const whenBack = await stores.pushes.lease({ limit: 100, leaseMs: LEASE_MS });
  const wokenWhenBack = await stores.wakes.takeDue({ limit: 100, againMs: LEASE_MS });

  expect(whileAway.leases.length).toBeGreaterThan(0);
  expect(whileAway.leases.length).toBeLessThan(subscribers.length);
  expect(settled.every(({ kind }) => kind === "settled")).toBe(true);
  expect(whileAway.leases.length + whenBack.leases.length).toBe(subscribers.length);
  expect(wokenWhileAway).toHaveLength(whileAway.leases.length);
  expect(wokenWhileAway.length + wokenWhenBack.length).toBe(subscribers.length);
});
