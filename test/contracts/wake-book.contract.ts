import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NewWake, TakenWake, Wake, WakeBook } from "../../src/gateway/wake-book.ts";
import { buildAor } from "../../src/push/address.ts";
import { ALICE, BOB } from "../fixtures/builders.ts";
import type { OpenStores, StoreFixture } from "./store-fixture.ts";

const AFTER_MS = 60_000;
const AGAIN_MS = 30_000;
/** A worker with room for all due wakes. */
const ALL = { limit: 100, againMs: AGAIN_MS } as const;

function aWake(overrides: Partial<NewWake> = {}): NewWake {
  return { subscriber: ALICE, deviceId: "iphone", afterMs: AFTER_MS, ...overrides };
}

function nameOf({ subscriber, deviceId }: Wake): string {
  return `${deviceId} of ${subscriber}`;
}

/** The contract of every WakeBook. */
export function describeWakeBook(name: string, open: OpenStores): void {
  describe(`WakeBook: ${name}`, () => {
    let stores: StoreFixture;
    let wakes: WakeBook;
    let otherWakes: WakeBook;

    beforeEach(async () => {
      stores = await open();
      ({ wakes, otherWakes } = stores);
    });
    afterEach(() => stores[Symbol.asyncDispose]());

    /** Plans a wake, and takes it when it is due. */
    async function takePlanned(wake: NewWake = aWake()): Promise<TakenWake> {
      await wakes.plan(wake);
      stores.clock.advance(wake.afterMs);
      const [taken] = await wakes.takeDue(ALL);
      if (taken === undefined) throw new Error(`${nameOf(wake)} is not due`);
      return taken;
    }

    /** Plans wakes of `count` subscribers, so that they are in several shards. The last one planned is due first. */
    async function planMany(count: number): Promise<readonly string[]> {
      const planned = Array.from({ length: count }, (_, index) =>
        aWake({ subscriber: buildAor(`user${index}`, "example.org"), afterMs: AFTER_MS - index }),
      );
      for (const wake of planned) await wakes.plan(wake);
      return planned.map(nameOf).toReversed();
    }

    it("gives a wake when it falls due, and not before", async () => {
      await wakes.plan(aWake());

      stores.clock.advance(AFTER_MS - 1);
      const before = await wakes.takeDue(ALL);
      stores.clock.advance(1);
      const then = await otherWakes.takeDue(ALL);

      expect(before).toEqual([]);
      expect(then).toEqual([{ subscriber: ALICE, deviceId: "iphone", lateMs: 0, againAt: stores.clock() + AGAIN_MS }]);
    });

    it("gives what is planned for at once", async () => {
      await wakes.plan(aWake({ afterMs: 0 }));

      expect(await wakes.takeDue(ALL)).toMatchObject([{ lateMs: 0 }]);
    });

    it("has nothing to give where nothing was planned", async () => {
      expect(await wakes.takeDue(ALL)).toEqual([]);
    });

    it("says how long each has been due", async () => {
      await wakes.plan(aWake({ afterMs: 1_000 }));
      await wakes.plan(aWake({ subscriber: BOB, afterMs: 1_234 }));

      stores.clock.advance(2_000);

      expect(await wakes.takeDue(ALL)).toMatchObject([
        { subscriber: ALICE, lateMs: 1_000 },
        { subscriber: BOB, lateMs: 766 },
      ]);
    });

    it("gives the longest due first, and no more than asked for", async () => {
      const planned = await planMany(12);
      stores.clock.advance(AFTER_MS);

      const first = await wakes.takeDue({ ...ALL, limit: 1 });
      const next = await otherWakes.takeDue({ ...ALL, limit: 5 });
      const rest = await wakes.takeDue(ALL);

      expect(first.map(nameOf)).toEqual(planned.slice(0, 1));
      expect(next.map(nameOf)).toEqual(planned.slice(1, 6));
      expect(rest.map(nameOf)).toEqual(planned.slice(6));
    });

    it("gives of many only those that are due", async () => {
      const planned = await planMany(12);

      stores.clock.advance(AFTER_MS - 6);

      expect((await wakes.takeDue(ALL)).map(nameOf)).toEqual(planned.slice(0, 6));
    });

    it.each([
      ["later", AFTER_MS * 2],
      ["earlier", AFTER_MS / 2],
    ])("has one wake for a phone that is planned anew for %s", async (_when, afterMs) => {
      await wakes.plan(aWake());
      await otherWakes.plan(aWake({ afterMs }));

      stores.clock.advance(afterMs - 1);
      const before = await wakes.takeDue(ALL);
      stores.clock.advance(1);
      const taken = await wakes.takeDue(ALL);
      for (const wake of taken) await wakes.finish(wake);
      stores.clock.advance(AFTER_MS * 2);

      expect(before).toEqual([]);
      expect(taken).toMatchObject([{ lateMs: 0 }]);
      expect(await wakes.takeDue(ALL)).toEqual([]);
    });

    it("forgets a wake that is cancelled, before it is due and after it was taken", async () => {
      await wakes.plan(aWake());
      await otherWakes.cancel(aWake());
      stores.clock.advance(AFTER_MS);
      const afterFirst = await wakes.takeDue(ALL);
      const taken = await takePlanned();
      await otherWakes.cancel(taken);
      stores.clock.advance(AGAIN_MS);

      expect(afterFirst).toEqual([]);
      expect(await wakes.takeDue(ALL)).toEqual([]);
    });

    it("has nothing against the cancelling of nothing", async () => {
      await wakes.plan(aWake());

      await wakes.cancel({ subscriber: BOB, deviceId: "iphone" });
      await wakes.cancel({ subscriber: ALICE, deviceId: "pixel" });
      stores.clock.advance(AFTER_MS);

      expect((await wakes.takeDue(ALL)).map(nameOf)).toEqual([nameOf(aWake())]);
    });

    it("gives one that was taken to nobody else for as long as was said, and then again", async () => {
      const { againAt } = await takePlanned();

      stores.clock.advance(AGAIN_MS - 1);
      const meanwhile = [await wakes.takeDue(ALL), await otherWakes.takeDue(ALL)];
      stores.clock.advance(1 + 250);
      const again = await otherWakes.takeDue(ALL);

      expect(meanwhile).toEqual([[], []]);
      expect(again).toMatchObject([{ lateMs: 250, againAt: againAt + 250 + AGAIN_MS }]);
    });

    it("takes a finished wake off for good", async () => {
      const taken = await takePlanned();

      await otherWakes.finish(taken);
      await wakes.finish(taken);
      stores.clock.advance(AGAIN_MS * 10);

      expect(await wakes.takeDue(ALL)).toEqual([]);
    });

    it.each([
      ["before it would come again", AGAIN_MS / 2],
      ["after it would come again", AGAIN_MS * 2],
    ])("leaves what was planned anew since it was taken, for %s", async (_when, afterMs) => {
      const taken = await takePlanned();

      await otherWakes.plan(aWake({ afterMs }));
      await wakes.finish(taken);
      stores.clock.advance(afterMs - 1);
      const before = await wakes.takeDue(ALL);
      stores.clock.advance(1);

      expect(before).toEqual([]);
      expect(await wakes.takeDue(ALL)).toMatchObject([{ lateMs: 0 }]);
    });

    it("leaves what was planned anew for the very instant at which it would come again, if a millisecond later", async () => {
      const taken = await takePlanned();

      await otherWakes.plan(aWake({ afterMs: AGAIN_MS }));
      await wakes.finish(taken);
      stores.clock.advance(AGAIN_MS + 1);

      expect(await wakes.takeDue(ALL)).toMatchObject([{ lateMs: 0 }]);
    });

    it("does not let who was too slow finish what somebody else has taken since", async () => {
      const slow = await takePlanned();
      stores.clock.advance(AGAIN_MS);
      await otherWakes.takeDue(ALL);

      await wakes.finish(slow);
      stores.clock.advance(AGAIN_MS);

      expect(await wakes.takeDue(ALL)).toHaveLength(1);
    });

    it("gives each to one of those who ask at the same time", async () => {
      const planned = await planMany(30);
      stores.clock.advance(AFTER_MS);

      const together = await Promise.all(
        [wakes, otherWakes, wakes, otherWakes].map((book) => book.takeDue({ ...ALL, limit: 6 })),
      );
      const rest = await wakes.takeDue(ALL);

      expect(together.every((taken) => taken.length <= 6)).toBe(true);
      expect([...together.flat(), ...rest].map(nameOf).toSorted()).toEqual(planned.toSorted());
    });

    it("keeps each phone of a subscriber apart, and each subscriber's phone of one id", async () => {
      await wakes.plan(aWake({ deviceId: "iphone", afterMs: 1 }));
      await wakes.plan(aWake({ deviceId: "pixel", afterMs: 2 }));
      await wakes.plan(aWake({ deviceId: "tablet", afterMs: 3 }));
      await wakes.plan(aWake({ subscriber: BOB, deviceId: "iphone", afterMs: 4 }));

      await wakes.cancel({ subscriber: ALICE, deviceId: "pixel" });
      stores.clock.advance(4);
      const [iphone, ...others] = await wakes.takeDue(ALL);
      if (iphone !== undefined) await wakes.finish(iphone);
      stores.clock.advance(AGAIN_MS);

      const rest = [`tablet of ${ALICE}`, `iphone of ${BOB}`];
      expect(iphone).toMatchObject({ subscriber: ALICE, deviceId: "iphone" });
      expect(others.map(nameOf)).toEqual(rest);
      expect((await wakes.takeDue(ALL)).map(nameOf).toSorted()).toEqual(rest.toSorted());
    });

    it.each([
      ["spaces", " an old  phone "],
      ["line breaks", "one\r\ntwo\n"],
      ["quotes", `"it's" \\"`],
      ["brackets and colons", '["x@y","z"]:{q0}'],
      ["letters of all alphabets", "Telefon «Šárka» 電話 📱"],
      ["nothing at all", ""],
    ])("knows a device id with %s again", async (_what, deviceId) => {
      const taken = await takePlanned(aWake({ deviceId }));

      await otherWakes.finish(taken);
      stores.clock.advance(AGAIN_MS);
      const afterFinish = await wakes.takeDue(ALL);
      await wakes.plan(aWake({ deviceId, afterMs: 0 }));
      await wakes.cancel(aWake({ deviceId }));

      expect(taken.deviceId).toBe(deviceId);
      expect(afterFinish).toEqual([]);
      expect(await wakes.takeDue(ALL)).toEqual([]);
    });
  });
}
