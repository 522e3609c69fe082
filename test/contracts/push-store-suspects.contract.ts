import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Lease } from "../../src/gateway/push-store.ts";
import { aCall } from "../fixtures/builders.ts";
import {
  acceptNew,
  EVERYTHING,
  LEASE_MS,
  openWithIphone,
  type OpenStores,
  type StoreFixture,
} from "./store-fixture.ts";

/** Part of the PushStore contract: pushes that may have killed their gateway. */
export function describeSuspects(open: OpenStores): void {
  describe("a push whose worker may have died of it", () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await openWithIphone(open);
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    const takeOver = async (): Promise<Lease> => {
      stores.clock.advance(LEASE_MS);
      const [lease] = (await stores.otherWorker.lease(EVERYTHING)).leases;
      if (lease === undefined) throw new Error("nothing is due");
      return lease;
    };

    it("is not suspect when it is accepted, nor after it was handed back", async () => {
      const lease = await acceptNew(stores.pushes, aCall());
      await stores.pushes.settle(lease, [], stores.clock());

      const [again] = (await stores.otherWorker.lease(EVERYTHING)).leases;

      expect(lease.loneDeaths).toBeUndefined();
      expect(again?.loneDeaths).toBeUndefined();
    });

    it("is suspect, and of no death, once a lease has run out, and stays so", async () => {
      await acceptNew(stores.pushes, aCall());

      const suspect = await takeOver();
      await stores.otherWorker.settle(suspect, [], stores.clock());
      const [later] = (await stores.otherWorker.lease(EVERYTHING)).leases;

      expect([suspect.loneDeaths, later?.loneDeaths]).toEqual([0, 0]);
    });

    it("is charged with a lease that ran out while it was worked on alone, and with no other", async () => {
      await acceptNew(stores.pushes, aCall());
      const deaths: (number | undefined)[] = [];

      for (const isAlone of [true, false, true, true]) {
        const lease = await takeOver();
        deaths.push(lease.loneDeaths);
        await stores.otherWorker.noteSuspicion(lease, { isAlone, loneDeaths: lease.loneDeaths });
      }
      deaths.push((await takeOver()).loneDeaths);

      expect(deaths).toEqual([0, 1, 1, 2, 3]);
    });

    it("is not charged when it survived, nor when it was handed back", async () => {
      await acceptNew(stores.pushes, aCall());
      const first = await takeOver();
      await stores.otherWorker.noteSuspicion(first, { isAlone: true, loneDeaths: 0 });
      await stores.otherWorker.noteSuspicion(first, { isAlone: false, loneDeaths: 0 });

      const second = await takeOver();
      await stores.otherWorker.noteSuspicion(second, { isAlone: true, loneDeaths: 0 });
      await stores.otherWorker.settle(second, [], stores.clock());
      const [third] = (await stores.otherWorker.lease(EVERYTHING)).leases;

      expect([second.loneDeaths, third?.loneDeaths]).toEqual([0, 0]);
    });

    it("is acquitted by the worker that held it all the time", async () => {
      await acceptNew(stores.pushes, aCall());
      const suspect = await takeOver();

      await stores.otherWorker.noteSuspicion(suspect, { isAlone: false, loneDeaths: undefined });
      await stores.otherWorker.settle(suspect, [], stores.clock());
      const [again] = (await stores.otherWorker.lease(EVERYTHING)).leases;

      expect(again?.loneDeaths).toBeUndefined();
    });

    it("is charged by its holder alone", async () => {
      const first = await acceptNew(stores.pushes, aCall());
      await takeOver();

      await stores.pushes.noteSuspicion(first, { isAlone: true, loneDeaths: 2 });

      expect((await takeOver()).loneDeaths).toBe(0);
    });
  });
}
