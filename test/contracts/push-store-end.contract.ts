import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALICE, aCall, aMessage, anAndroid, BOB } from "../fixtures/builders.ts";
import {
  acceptNew,
  anAcceptance,
  delivered,
  EXPLICIT_WINDOW_MS,
  failed,
  LEASE_MS,
  NO_RULES,
  openWithIphone,
  EVERYTHING,
  type OpenStores,
  type StoreFixture,
} from "./store-fixture.ts";

/** Part 3 of the PushStore contract: ends without a worker, and what is known of a push afterwards. */
export function describeEnding(open: OpenStores): void {
  describe("ending", () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await openWithIphone(open);
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    describe("the story of a delivery", () => {
      it("has every attempt, whichever worker made it", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        const busy = { at: 5, tookMs: 7, outcome: "deferred", reason: "ServiceUnavailable" } as const;
        const taken = { at: 15, tookMs: 9, outcome: "delivered" } as const;

        const waiting = { deviceId: "iphone", state: "pending", attempts: 1, reason: "x", tries: [busy] } as const;
        await stores.pushes.settle(lease, [waiting], stores.clock());
        const [again] = (await stores.otherWorker.lease(EVERYTHING)).leases;
        if (again === undefined) throw new Error("nothing was handed back");
        await stores.otherWorker.settle(again, [{ ...delivered(), attempts: 2, tries: [busy, taken] }]);

        expect(again.push.deliveries).toMatchObject([{ tries: [busy] }]);
        expect((await stores.pushes.get(lease.push.id))?.deliveries).toMatchObject([{ tries: [busy, taken] }]);
      });
    });

    it("says of a push that is no longer there that it is gone, and not that another worker has it", async () => {
      const lease = await acceptNew(stores.pushes, aCall());
      await stores.pushes.settle(lease, [{ ...delivered(), state: "failed", reason: "Unregistered" }]);
      await stores.pushes.dropDeadLetter(lease.push.id);

      expect(await stores.otherWorker.settle(lease, [delivered()])).toEqual({ kind: "gone" });
    });

    describe("cancel", () => {
      it("ends a push and its deliveries at once, and lets its worker write no more", async () => {
        const lease = await acceptNew(stores.pushes, aCall());

        const state = await stores.otherWorker.cancel({ id: lease.push.id });
        const late = await stores.pushes.settle(lease, [delivered()]);
        stores.clock.advance(LEASE_MS * 2);

        expect(state).toBe("cancelled");
        expect(late).toEqual({ kind: "lost" });
        expect(await stores.pushes.lease(EVERYTHING)).toEqual({ leases: [] });
        expect(await stores.pushes.get(lease.push.id)).toMatchObject({
          state: "cancelled",
          deliveries: [{ state: "cancelled" }],
        });
      });

      it("tells a push whose attempt may have been under way from one that was waiting", async () => {
        const inFlight = await acceptNew(stores.pushes, aCall({ callId: "1" }));
        const waiting = await acceptNew(stores.pushes, aCall({ callId: "2" }));
        await stores.pushes.settle(waiting, [], stores.clock() + 1_000);

        await stores.pushes.cancel({ id: inFlight.push.id });
        await stores.pushes.cancel({ id: waiting.push.id });

        expect(await stores.pushes.get(inFlight.push.id)).toMatchObject({ reason: "cancelled_in_flight" });
        expect(await stores.pushes.get(waiting.push.id)).toMatchObject({ reason: "cancelled_in_queue" });
      });

      it("leaves an ended push as it is, and says how it ended", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        await stores.pushes.settle(lease, [failed()]);

        expect(await stores.pushes.cancel({ id: lease.push.id })).toBe("failed");
        expect(await stores.pushes.get(lease.push.id)).toMatchObject({ state: "failed", reason: "BadDeviceToken" });
      });

      it("counts a push that has woken one phone as delivered, and tries no other", async () => {
        await stores.devices.register(anAndroid(), NO_RULES);
        const lease = await acceptNew(stores.pushes, aCall());
        await stores.pushes.settle(lease, [delivered("pixel")]);

        const state = await stores.pushes.cancel({ id: lease.push.id });

        expect(state).toBe("delivered");
        const push = await stores.pushes.get(lease.push.id);
        expect(push?.deliveries.map(({ state }) => state).toSorted()).toEqual(["cancelled", "delivered"]);
      });

      it("answers undefined for a push that it never had", async () => {
        expect(await stores.pushes.cancel({ id: "unknown" })).toBeUndefined();
      });
    });

    describe("awaitEnd", () => {
      it("reads a push as get does, and undefined where there is none, and changes nothing else", async () => {
        const lease = await acceptNew(stores.pushes, aCall());

        expect(await stores.pushes.awaitEnd(lease.push.id)).toEqual(lease.push);
        expect(await stores.pushes.awaitEnd(stores.pushes.newId(ALICE))).toBeUndefined();
        expect(await stores.pushes.get(lease.push.id)).toEqual(lease.push);
        await stores.pushes.settle(lease, [delivered()]);
        expect(await stores.otherWorker.awaitEnd(lease.push.id)).toMatchObject({ state: "delivered" });
      });
    });

    describe("get, depth and forgetEnded", () => {
      it("answers undefined for a push that it never had", async () => {
        expect(await stores.pushes.get("unknown")).toBeUndefined();
      });

      it("counts what waits and what is worked on", async () => {
        const leases = [];
        for (const callId of ["1", "2", "3", "4"]) leases.push(await acceptNew(stores.pushes, aCall({ callId })));
        await stores.pushes.settle(leases[0]!, [delivered()]);
        await stores.pushes.settle(leases[1]!, [], stores.clock() + 60_000);
        await stores.pushes.cancel({ id: leases[2]!.push.id });

        expect(await stores.pushes.depth()).toEqual({ pending: 2, leased: 1 });
        stores.clock.advance(LEASE_MS);
        expect(await stores.otherWorker.depth()).toEqual({ pending: 2, leased: 0 });
      });

      it("counts a retry that somebody works on as leased, even if the clock was set back since it fell due", async () => {
        const lease = await acceptNew(stores.pushes, aCall());
        await stores.pushes.settle(lease, [], stores.clock() + 1_000);
        stores.clock.advance(1_000);
        await stores.otherWorker.lease(EVERYTHING);

        stores.clock.advance(-500);

        expect(await stores.pushes.depth()).toEqual({ pending: 1, leased: 1 });
      });

      it("forgets what ended long enough ago, and nothing that waits", async () => {
        const old = await acceptNew(stores.pushes, aMessage());
        await stores.pushes.settle(old, [delivered()]);
        const waiting = await acceptNew(stores.pushes, aCall({ ttlMs: EXPLICIT_WINDOW_MS * 3 }));
        stores.clock.advance(EXPLICIT_WINDOW_MS);
        const recent = await acceptNew(stores.pushes, aMessage({ pushId: "recent" }));
        await stores.pushes.settle(recent, [delivered()]);

        const forgotten = await stores.pushes.forgetEnded(60_000);

        expect(forgotten).toBe(1);
        expect(await stores.pushes.get(old.push.id)).toBeUndefined();
        expect(await stores.pushes.get(waiting.push.id)).toMatchObject({ state: "pending" });
        expect(await stores.pushes.get(recent.push.id)).toMatchObject({ state: "delivered" });
      });

      it("remembers a push as long as a repeat of it may come", async () => {
        const lease = await acceptNew(stores.pushes, aMessage());
        await stores.pushes.settle(lease, [delivered()]);
        stores.clock.advance(1_000);

        const forgotten = await stores.pushes.forgetEnded(0);
        const repeat = await stores.pushes.accept(anAcceptance(aMessage()));

        expect(forgotten).toBe(0);
        expect(repeat).toEqual({ kind: "repeat", id: lease.push.id, state: "delivered" });
      });

      it("forgets pushes that it kept for their repeats as soon as none can come any more, however many", async () => {
        const ids = Array.from({ length: 250 }, (_, index) => `push ${index}`);
        await Promise.all(
          ids.map(async (pushId) =>
            stores.pushes.settle(await acceptNew(stores.pushes, aMessage({ pushId })), [delivered()]),
          ),
        );

        stores.clock.advance(EXPLICIT_WINDOW_MS - 1);
        expect(await stores.pushes.forgetEnded(1_000)).toBe(0);
        expect(await stores.pushes.forgetEnded(1_000)).toBe(0);
        stores.clock.advance(1);
        expect(await stores.pushes.forgetEnded(1_000)).toBe(250);
      });

      it("forgets more than one batch, suppressed pushes too", async () => {
        const results = await Promise.all(
          Array.from({ length: 450 }, (_, index) =>
            stores.pushes.accept(anAcceptance(aCall({ callee: BOB, callId: `${index}` }))),
          ),
        );
        stores.clock.advance(1_000);

        expect(results.every(({ kind }) => kind === "suppressed")).toBe(true);
        expect(await stores.pushes.forgetEnded(1_000)).toBe(450);
        expect(await stores.pushes.forgetEnded(1_000)).toBe(0);
      });
    });
  });
}
