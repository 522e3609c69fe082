import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { anAcceptance, delivered, EVERYTHING, leaseOf, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { ALICE, aCall, aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { type ClusterSetup, beginMove, redisOptions, startCluster } from "../../../test/fixtures/redis-servers.ts";
import type { RedisStoreOptions } from "./redis-options.ts";
import { openRedisStores } from "./redis-stores.ts";
import { createKeys } from "./shards.ts";

const MOVING = { code: "slot_moving", isUndone: true };

describe.each(["process", "replica"] as const)(
  "a slot that a Cluster moves to another node, at durability %s",
  (durability) => {
    let setup: ClusterSetup;
    let options: RedisStoreOptions;
    beforeAll(async () => {
      setup = await startCluster({ hasReplicas: durability === "replica" });
    });
    afterAll(() => setup[Symbol.asyncDispose]());
    beforeEach(() => {
      const connection = { kind: "cluster", nodes: setup.masters } as const;
      const replicas = { durability: { replicas: 1, timeoutMs: 5_000 } };
      options = redisOptions(connection, { shards: 1, ...(durability === "replica" ? replicas : {}) });
    });

    it("refuses pushes for certain, forgets nothing, and takes them again when the keys have arrived", async () => {
      await using stores = await openRedisStores(options);
      const { pushes, devices, preferences, calls, wakes } = stores;
      await devices.register(anIphone(), NO_RULES);
      await preferences.patchSubscriber(ALICE, { mobile_push_expiry: 90 });
      const first = leaseOf(await pushes.accept(anAcceptance(aCall({ callId: "1" }), pushes.newId(ALICE))));
      const second = leaseOf(await pushes.accept(anAcceptance(aCall({ callId: "2" }), pushes.newId(ALICE))));
      await pushes.settle(first, [], Date.now() - 1_000);
      const [shard = ""] = createKeys(options.keyPrefix, 1).shards;
      const slot = await beginMove(setup.masters, shard);

      // With all keys on the source, with some on the target, and with all on the target.
      for (const moves of [0, 4, 4, 20]) {
        for (let moved = 0; moved < moves; moved += 1) await slot.moveOne();
        const known = anAcceptance(aCall({ callId: "1" }), pushes.newId(ALICE));
        const refused = await Promise.allSettled([
          pushes.accept(known),
          pushes.accept(anAcceptance(aMessage(), pushes.newId(ALICE))),
          pushes.lease(EVERYTHING),
          pushes.settle(second, [delivered()]),
          pushes.cancel({ id: first.push.id }),
          calls.list(ALICE, { since: 0, limit: 1 }),
          wakes.takeDue({ limit: 1, againMs: 1 }),
        ]);
        for (const end of refused) expect(end).toMatchObject({ status: "rejected", reason: MOVING });
        // A single key is always found on one of the two nodes.
        expect(await devices.list(ALICE)).toHaveLength(1);
        expect(await preferences.readSubscriber(ALICE)).toEqual({ mobile_push_expiry: 90 });
        expect(await pushes.get(first.push.id)).toMatchObject({ state: "pending" });
      }
      await slot.finish();

      const repeat = anAcceptance(aCall({ callId: "1" }), pushes.newId(ALICE));
      await expect
        .poll(() => pushes.accept(repeat).catch(() => undefined))
        .toMatchObject({ kind: "repeat", id: first.push.id });
      expect((await pushes.lease(EVERYTHING)).leases).toMatchObject([{ push: { id: first.push.id } }]);
      expect(await pushes.settle(second, [delivered()])).toMatchObject({ kind: "settled", state: "delivered" });
    });
  },
);
