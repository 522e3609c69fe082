import { afterAll, beforeAll, expect, it } from "vitest";
import { acceptNew, anAcceptance, delivered, leaseOf, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { aCall, anIphone } from "../../../test/fixtures/builders.ts";
import { type RedisServer, openSingle, startRedis, waitForReplica } from "../../../test/fixtures/redis-servers.ts";

const DURABILITY = { replicas: 1, timeoutMs: 1_000 };

let servers: AsyncDisposableStack;
let master: RedisServer;
beforeAll(async () => {
  servers = new AsyncDisposableStack();
  master = servers.use(await startRedis());
  servers.use(await startRedis({ replicaof: `${master.host} ${master.port}` }));
  await waitForReplica(master);
});
afterAll(() => servers.disposeAsync());

it("does a settlement once where the other of its group has to be sent again, and keeps what it was told of it", async () => {
  await using stores = await openSingle(master.url, { durability: DURABILITY });
  await stores.devices.register(anIphone(), NO_RULES);
  const lease = await acceptNew(stores.pushes, aCall({ callId: "first" }));
  const other = await acceptNew(stores.pushes, aCall({ callId: "other" }));
  await master.admin.script("FLUSH");
  await stores.pushes.settle(other, [delivered()]);

  // Redis knows the settlement's script, which gives the lease back, but not the acceptance's. A second settlement
  // would find the lease lost.
  const [settled, accepted] = await Promise.all([
    stores.pushes.settle(lease, [], Date.now()),
    stores.pushes.accept(anAcceptance(aCall({ callId: "second" }))),
  ]);

  expect(settled).toEqual({ kind: "settled", state: "pending" });
  expect(accepted.kind).toBe("accepted");
});

it("accepts a push once where Redis knows a part of the group's scripts alone", async () => {
  await using stores = await openSingle(master.url, { durability: DURABILITY });
  await stores.devices.register(anIphone(), NO_RULES);
  const lease = await acceptNew(stores.pushes, aCall({ callId: "1" }));
  await master.admin.script("FLUSH");
  await acceptNew(stores.pushes, aCall({ callId: "2" }));

  // Both are in one tick and so in one group. Redis knows the script of the acceptance, but not that of the settlement.
  const [accepted, settled] = await Promise.all([
    stores.pushes.accept(anAcceptance(aCall({ callId: "3" }))),
    stores.pushes.settle(lease, [delivered()]),
  ]);

  expect(accepted.kind).toBe("accepted");
  expect(settled).toEqual({ kind: "settled", state: "delivered" });
  expect(await stores.pushes.depth()).toEqual({ pending: 2, leased: 2 });
  expect(await stores.pushes.settle(leaseOf(accepted), [delivered()])).toEqual({ kind: "settled", state: "delivered" });
});
