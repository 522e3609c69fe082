import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aCall, aMessage, anAndroid } from "../fixtures/builders.ts";
import {
  acceptNew,
  delivered,
  failed,
  LEASE_MS,
  NO_RULES,
  openWithIphone,
  EVERYTHING,
  type OpenStores,
  type StoreFixture,
} from "./store-fixture.ts";

/** Part 2 of the PushStore contract: leases, and the results that their holders write. */
export function describeLeasing(open: OpenStores): void {
  describe("working", () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await openWithIphone(open);
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    describe("wakeOversleepers", () => {
      const LONGEST = { leaseMs: LEASE_MS, retryMs: 3_600_000 };

      it("makes due after a lease what a dead worker held when the clock was set back", async () => {
        const held = await acceptNew(stores.pushes, aCall());
        stores.clock.advance(-7_200_000);
        expect((await stores.otherWorker.lease(EVERYTHING)).leases).toEqual([]);

        expect(await stores.otherWorker.wakeOversleepers(LONGEST)).toBe(1);
        expect((await stores.otherWorker.lease(EVERYTHING)).leases).toEqual([]);
        stores.clock.advance(LEASE_MS);

        expect((await stores.otherWorker.lease(EVERYTHING)).leases).toMatchObject([{ push: { id: held.push.id } }]);
      });

      it("makes due what waits longer than any pause, and nothing else", async () => {
        const times = [LEASE_MS + 5_000, 3_599_000, 7_200_000, 9_000_000];
        for (const [index, ms] of times.entries()) {
          const request = index % 2 === 0 ? aCall({ callId: `${index}` }) : aMessage({ pushId: `${index}` });
          const lease = await acceptNew(stores.pushes, request);
          await stores.pushes.settle(lease, [], stores.clock() + ms);
        }

        expect(await stores.pushes.wakeOversleepers(LONGEST)).toBe(2);
        expect(await stores.pushes.wakeOversleepers(LONGEST)).toBe(0);
        stores.clock.advance(LEASE_MS);
        expect((await stores.pushes.lease(EVERYTHING)).leases).toHaveLength(2);
      });
    });

    describe("lease", () => {
      it("hands a push out again when its lease has run out, with a new token", async () => {
        const first = await acceptNew(stores.pushes, aCall());

        stores.clock.advance(LEASE_MS);
        const { leases, nextDueAt } = await stores.otherWorker.lease(EVERYTHING);

        expect(leases).toMatchObject([{ push: { id: first.push.id }, endsAt: stores.clock() + LEASE_MS }]);
        expect(leases[0]?.token).not.toBe(first.token);
        expect(nextDueAt).toBe(stores.clock() + LEASE_MS);
      });

      it("hands each push to one of two workers that ask at the same time", async () => {
        for (let index = 0; index < 10; index += 1) await acceptNew(stores.pushes, aCall({ callId: `${index}` }));
        stores.clock.advance(LEASE_MS);

        const batches = await Promise.all([
          stores.pushes.lease({ limit: 6, leaseMs: LEASE_MS }),
          stores.otherWorker.lease({ limit: 6, leaseMs: LEASE_MS }),
        ]);

        const ids = batches.flatMap(({ leases }) => leases.map(({ push }) => push.id));
        expect(new Set(ids).size).toBe(10);
        expect(ids).toHaveLength(10);
      });

      it("takes calls first, then what has been due longest, and no more than asked for", async () => {
        const message = await acceptNew(stores.pushes, aMessage());
        stores.clock.advance(1_000);
        const earlier = await acceptNew(stores.pushes, aCall({ callId: "1" }));
        stores.clock.advance(1_000);
        const later = await acceptNew(stores.pushes, aCall({ callId: "2" }));
        stores.clock.advance(LEASE_MS);

        const first = await stores.pushes.lease({ limit: 1, leaseMs: LEASE_MS });
        const rest = await stores.pushes.lease({ limit: 5, leaseMs: LEASE_MS });

        expect(first.leases.map(({ push }) => push.id)).toEqual([earlier.push.id]);
        expect(first.nextDueAt).toBe(message.endsAt);
        expect(rest.leases.map(({ push }) => push.id)).toEqual([later.push.id, message.push.id]);
      });

      it("says that the queue is empty by naming no instant", async () => {
        expect(await stores.pushes.lease(EVERYTHING)).toEqual({ leases: [] });
      });

      it("keeps counting attempts where the last worker left off", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        const notBefore = stores.clock() + 400;
        const retry = {
          deviceId: "iphone",
          state: "pending",
          attempts: 2,
          reason: "ServiceUnavailable",
          notBefore,
        } as const;
        await stores.pushes.settle(lease, [retry], notBefore);

        stores.clock.advance(400);
        const { leases } = await stores.otherWorker.lease(EVERYTHING);

        expect(leases[0]?.push.deliveries).toMatchObject([retry]);
      });
    });

    describe("renew", () => {
      it("prolongs a lease that is held", async () => {
        const lease = await acceptNew(stores.pushes, aCall());

        stores.clock.advance(LEASE_MS - 1);
        const { kept, lost } = await stores.pushes.renew([lease], LEASE_MS);
        stores.clock.advance(LEASE_MS - 1);

        expect(kept).toEqual(new Set([lease.token]));
        expect(lost.size).toBe(0);
        expect((await stores.otherWorker.lease(EVERYTHING)).leases).toEqual([]);
      });

      it("tells leases that somebody else took, that were cancelled or given back, from those that are held or have ended", async () => {
        const taken = await acceptNew(stores.pushes, aCall({ callId: "1" }));
        stores.clock.advance(LEASE_MS);
        await stores.otherWorker.lease(EVERYTHING);
        const cancelled = await acceptNew(stores.pushes, aCall({ callId: "2" }));
        await stores.pushes.cancel({ id: cancelled.push.id });
        const settled = await acceptNew(stores.pushes, aCall({ callId: "3" }));
        await stores.pushes.settle(settled, [delivered()]);
        const givenBack = await acceptNew(stores.pushes, aCall({ callId: "4" }));
        await stores.pushes.settle(givenBack, [], stores.clock() + 1);
        const held = await acceptNew(stores.pushes, aCall({ callId: "5" }));

        const { kept, lost } = await stores.pushes.renew([taken, cancelled, settled, givenBack, held], LEASE_MS);

        expect(lost).toEqual(new Set([taken.token, cancelled.token, givenBack.token]));
        expect(kept).toEqual(new Set([settled.token, held.token]));
      });
    });

    describe("settle", () => {
      it("ends the push with its last delivery, and takes it off the queue", async () => {
        await stores.devices.register(anAndroid(), NO_RULES);
        const lease = await acceptNew(stores.pushes, aCall());

        const first = await stores.pushes.settle(lease, [delivered("iphone")]);
        const last = await stores.pushes.settle(lease, [failed("pixel", "INVALID_ARGUMENT")]);
        stores.clock.advance(LEASE_MS * 10);

        expect(first).toEqual({ kind: "settled", state: "pending" });
        expect(last).toEqual({ kind: "settled", state: "delivered" });
        expect(await stores.pushes.get(lease.push.id)).toMatchObject({
          state: "delivered",
          deliveries: [
            { deviceId: "iphone", state: "delivered", attempts: 1, providerMessageId: "apns-iphone" },
            { deviceId: "pixel", state: "failed", attempts: 1, reason: "INVALID_ARGUMENT" },
          ],
        });
        expect(await stores.pushes.lease(EVERYTHING)).toEqual({ leases: [] });
      });

      it("gives a push that woke nobody the provider's word as its reason", async () => {
        const lease = await acceptNew(stores.pushes, aCall());

        await stores.pushes.settle(lease, [failed("iphone", "DeviceTokenNotForTopic")]);

        const push = await stores.pushes.get(lease.push.id);
        expect(push).toMatchObject({ state: "failed", reason: "DeviceTokenNotForTopic" });
      });

      it("names no reason for a success, and forgets the troubles on the way to it", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        const notBefore = stores.clock() + 5;
        await stores.pushes.settle(lease, [
          { deviceId: "iphone", state: "pending", attempts: 1, reason: "503", notBefore },
        ]);

        await stores.pushes.settle(lease, [{ ...delivered(), attempts: 2 }]);

        const push = await stores.pushes.get(lease.push.id);
        expect(push).not.toHaveProperty("reason");
        expect(push?.deliveries[0]).toMatchObject({ state: "delivered", attempts: 2 });
        expect(push?.deliveries[0]).not.toHaveProperty("reason");
        expect(push?.deliveries[0]).not.toHaveProperty("notBefore");
      });

      it("gives the lease up where a retry is due later", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        const retryAt = stores.clock() + 400;

        const result = await stores.pushes.settle(lease, [], retryAt);
        stores.clock.advance(399);
        const early = await stores.otherWorker.lease(EVERYTHING);
        stores.clock.advance(1);
        const due = await stores.otherWorker.lease(EVERYTHING);

        expect(result).toEqual({ kind: "settled", state: "pending" });
        expect(early).toEqual({ leases: [], nextDueAt: retryAt });
        expect(due.leases).toMatchObject([{ push: { id: lease.push.id } }]);
        expect(await stores.pushes.settle(lease, [delivered()])).toEqual({ kind: "lost" });
      });

      it("does not let a late worker settle a push that was handed out again", async () => {
        const late = await acceptNew(stores.pushes, aCall());
        stores.clock.advance(LEASE_MS);
        const [current] = (await stores.otherWorker.lease(EVERYTHING)).leases;

        const lateResult = await stores.pushes.settle(late, [failed()]);

        expect(lateResult).toEqual({ kind: "lost" });
        expect(await stores.pushes.get(late.push.id)).toMatchObject({
          state: "pending",
          deliveries: [{ attempts: 0 }],
        });
        expect(await stores.otherWorker.settle(current!, [delivered()])).toEqual({
          kind: "settled",
          state: "delivered",
        });
      });

      it("takes the result of a worker that is late but that nobody replaced", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        stores.clock.advance(LEASE_MS * 2);

        const result = await stores.pushes.settle(lease, [delivered()]);

        expect(result).toEqual({ kind: "settled", state: "delivered" });
      });

      it("answers a worker that repeats its last word the same, and changes nothing", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        await stores.pushes.settle(lease, [delivered()]);

        const again = await stores.pushes.settle(lease, [failed()]);

        expect(again).toEqual({ kind: "settled", state: "delivered" });
        expect(await stores.pushes.get(lease.push.id)).toMatchObject({ deliveries: [{ state: "delivered" }] });
      });

      it("does not change a delivery back that has ended", async () => {
        await stores.devices.register(anAndroid(), NO_RULES);
        const lease = await acceptNew(stores.pushes, aCall());
        await stores.pushes.settle(lease, [delivered("pixel")]);

        await stores.pushes.settle(lease, [{ deviceId: "pixel", state: "pending", attempts: 7 }, failed("iphone")]);

        const push = await stores.pushes.get(lease.push.id);
        expect(push?.state).toBe("delivered");
        expect(push?.deliveries.map(({ state }) => state).toSorted()).toEqual(["delivered", "failed"]);
      });

      it("knows nothing of a push that it never had", async () => {
        const lease = await acceptNew(stores.pushes, aCall());

        const result = await stores.pushes.settle({ ...lease, push: { ...lease.push, id: "unknown" } }, [delivered()]);

        expect(result).toEqual({ kind: "gone" });
      });
    });
  });
}
