import { afterAll, beforeAll, expect, it } from "vitest";
import { describeCallBook } from "../../../test/contracts/call-book.contract.ts";
import { describeDeviceStore } from "../../../test/contracts/device-store.contract.ts";
import { describePreferenceStore } from "../../../test/contracts/preference-store.contract.ts";
import { describePushStoreModel } from "../../../test/contracts/push-store.model.ts";
import { describePushStore } from "../../../test/contracts/push-store.contract.ts";
import { acceptNew, LEASE_MS, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { describeWakeBook } from "../../../test/contracts/wake-book.contract.ts";
import { aCall, anIphone } from "../../../test/fixtures/builders.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import {
  type SentinelSetup,
  openOn,
  redisOptions,
  startSentinel,
  waitFor,
} from "../../../test/fixtures/redis-servers.ts";
import { openRedisStores } from "./redis-stores.ts";

let setup: SentinelSetup;
beforeAll(async () => {
  setup = await startSentinel();
});
afterAll(() => setup[Symbol.asyncDispose]());

const open = openOn(() => ({ kind: "sentinel", name: setup.name, sentinels: setup.sentinels }), {
  durability: { replicas: 1, timeoutMs: 1_000 },
});
describePushStore("Redis behind Sentinels", open);
describePushStoreModel("Redis behind Sentinels", open);
describeDeviceStore("Redis behind Sentinels", open);
describePreferenceStore("Redis behind Sentinels", open);
describeCallBook("Redis behind Sentinels", open);
describeWakeBook("Redis behind Sentinels", open);

it("works on with the new master when the old one dies, and has all that it acknowledged", async () => {
  const clock = createManualClock();
  const options = { clock, durability: { replicas: 1, timeoutMs: 1_000 }, keyPrefix: "failover" } as const;
  const connection = { kind: "sentinel", name: setup.name, sentinels: setup.sentinels } as const;
  await using stores = await openRedisStores(redisOptions(connection, options));
  await stores.devices.register(anIphone(), NO_RULES);
  const { push } = await acceptNew(stores.pushes, aCall());

  await setup.master.kill();
  await waitFor(
    "the replica is the master, and the store knows",
    async () => (await stores.pushes.depth()).pending === 1,
  );

  expect(await stores.pushes.get(push.id)).toEqual(push);
  // Stored, but on only one server by now. The connection that waits for replicas finds the new master by itself,
  // later.
  const acceptSecond = () => acceptNew(stores.pushes, aCall({ callId: "2" })).catch((error: unknown) => error);
  await expect.poll(acceptSecond, { timeout: 10_000 }).toMatchObject({ code: "not_replicated" });
  expect(await stores.check()).toMatchObject({ ready: false, problems: [expect.stringContaining("replicas")] });
  clock.advance(LEASE_MS);
  expect((await stores.pushes.lease({ limit: 10, leaseMs: LEASE_MS })).leases).toHaveLength(2);
});
