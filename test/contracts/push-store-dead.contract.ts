import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PushStore } from "../../src/gateway/push-store.ts";
import { aCall } from "../fixtures/builders.ts";
import { acceptNew, delivered, failed, openWithIphone, type OpenStores, type StoreFixture } from "./store-fixture.ts";

/** Part 4 of the PushStore contract: pushes that reached no phone, until an operator handles them. */
export function describeDeadLetters(open: OpenStores): void {
  describe("dead letters", () => {
    let stores: StoreFixture;

    beforeEach(async () => {
      stores = await openWithIphone(open);
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    const fail = async (callId: string): Promise<string> => {
      const lease = await acceptNew(stores.pushes, aCall({ callId }));
      stores.clock.advance(1);
      await stores.pushes.settle(lease, [failed()]);
      return lease.push.id;
    };
    const idsOf = async (selector: Parameters<PushStore["listDeadLetters"]>[0]) =>
      (await stores.pushes.listDeadLetters(selector)).map(({ id }) => id);

    it("are what failed or expired, the newest first, and nothing else", async () => {
      const old = await fail("old");
      const expired = await acceptNew(stores.pushes, aCall({ callId: "expired" }));
      stores.clock.advance(1);
      await stores.pushes.settle(expired, [{ ...failed(), state: "expired" }]);
      await stores.pushes.settle(await acceptNew(stores.pushes, aCall({ callId: "fine" })), [delivered()]);
      await acceptNew(stores.pushes, aCall({ callId: "pending" }));
      await stores.pushes.cancel({ id: (await acceptNew(stores.pushes, aCall({ callId: "cancelled" }))).push.id });

      const letters = await stores.otherWorker.listDeadLetters({ limit: 10 });

      expect(letters.map(({ id }) => id)).toEqual([expired.push.id, old]);
      expect(letters.map(({ state }) => state)).toEqual(["expired", "failed"]);
      expect(letters[1]?.endedAt).toBeGreaterThan(letters[1]?.acceptedAt ?? Infinity);
      expect(letters[1]?.deliveries).toMatchObject([{ state: "failed", reason: "BadDeviceToken" }]);
    });

    it("come a page at a time", async () => {
      const ids = [await fail("1"), await fail("2"), await fail("3")].toReversed();

      const first = await idsOf({ limit: 2 });
      const second = await idsOf({ limit: 2, before: first[1]! });

      expect([...first, ...second]).toEqual(ids);
      expect(await idsOf({ limit: 2, before: ids[2]! })).toEqual([]);
    });

    it("are forgotten when they are dropped, and nothing else can be dropped", async () => {
      const id = await fail("1");
      const pending = await acceptNew(stores.pushes, aCall({ callId: "pending" }));

      expect(await stores.otherWorker.dropDeadLetter(id)).toBe(true);
      expect(await stores.pushes.dropDeadLetter(id)).toBe(false);
      expect(await stores.pushes.dropDeadLetter(pending.push.id)).toBe(false);
      expect(await stores.pushes.dropDeadLetter("unknown")).toBe(false);

      expect(await stores.pushes.get(id)).toBeUndefined();
      expect(await idsOf({ limit: 10 })).toEqual([]);
      expect(await stores.pushes.get(pending.push.id)).toMatchObject({ state: "pending" });
    });

    it("stay when they are replayed, with what replaced them and when, and are dead letters no more", async () => {
      const [older, id] = [await fail("older"), await fail("1")];
      stores.clock.advance(1_000);

      expect(await stores.otherWorker.markReplayed(id, "the-new-one")).toBe(true);

      const replayed = { as: "the-new-one", at: stores.clock() };
      expect(await stores.pushes.get(id)).toMatchObject({
        state: "failed",
        replayed,
        deliveries: [{ deviceId: "iphone", state: "failed", attempts: 1, reason: "BadDeviceToken" }],
      });
      expect(await idsOf({ limit: 10 })).toEqual([older]);
      expect(await idsOf({ limit: 10, before: id })).toEqual([older]);
      expect(await stores.pushes.dropDeadLetter(id)).toBe(false);
    });

    it("are replayed once, and nothing else can be replayed", async () => {
      const id = await fail("1");
      const pending = await acceptNew(stores.pushes, aCall({ callId: "pending" }));
      await stores.pushes.markReplayed(id, "first");

      expect(await stores.otherWorker.markReplayed(id, "second")).toBe(false);
      expect(await stores.pushes.markReplayed(pending.push.id, "third")).toBe(false);
      expect(await stores.pushes.markReplayed("unknown", "fourth")).toBe(false);

      expect(await stores.pushes.get(id)).toMatchObject({ replayed: { as: "first" } });
      expect((await stores.pushes.get(pending.push.id))?.replayed).toBeUndefined();
    });

    it("go with their retention, replayed or not", async () => {
      const replayed = await fail("replayed");
      await stores.pushes.markReplayed(replayed, "the-new-one");
      await fail("1");
      stores.clock.advance(3_600_000);

      await stores.pushes.forgetEnded(1_000);

      expect(await idsOf({ limit: 10 })).toEqual([]);
      expect(await stores.pushes.get(replayed)).toBeUndefined();
    });
  });
}
