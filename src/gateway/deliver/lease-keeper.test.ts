import { describe, expect, it } from "vitest";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryPushStore } from "../../../test/fixtures/memory-push-store.ts";
import { ACCEPTED_AT, aPush, LEASE_MS } from "../../../test/fixtures/builders.ts";
import { tapPushStore } from "../../../test/fixtures/tapped-push-store.ts";
import { createVirtualTime } from "../../../test/fixtures/clocks.ts";
import { LeaseKeeper, type Hold } from "./lease-keeper.ts";

const LOOK_MS = LEASE_MS / 4;

function arrange() {
  const time = createVirtualTime(ACCEPTED_AT);
  const memory = new MemoryPushStore({ clock: time.clock });
  const store = tapPushStore(memory);
  const events = createRecordingEvents();
  const keeper = new LeaseKeeper({ store, events, steady: time.clock, sleep: time.sleep, leaseMs: LEASE_MS });
  const stop = new AbortController();
  const hold = (id: string) => {
    const askedAt = time.clock();
    const lease = memory.enqueueLeased(aPush({ id }), LEASE_MS);
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = Promise.withResolvers<Hold>();
    void keeper.hold(lease, askedAt, (hold) => {
      held.resolve(hold);
      return promise;
    });
    const confirm = async () => (await held.promise).confirm();
    const isLost = async () => (await held.promise).stop.aborted;
    const letGo = async () => (await held.promise).letGo();
    return { lease, done: resolve, confirm, isLost, letGo };
  };
  return { time, memory, store, events, keeper, stop, hold, run: () => keeper.run(stop.signal) };
}

describe("LeaseKeeper", () => {
  it("keeps a lease from running out for as long as the work on it takes", async () => {
    const { time, memory, stop, hold, run } = arrange();
    hold("long");
    const running = run();

    for (let elapsed = 0; elapsed < 10 * LEASE_MS; elapsed += 500) {
      await time.advance(500);
      expect((await memory.lease({ limit: 1, leaseMs: LEASE_MS })).leases).toEqual([]);
    }

    stop.abort();
    await running;
  });

  it("renews only what has been held for a while and is held still", async () => {
    const { time, store, stop, hold, run } = arrange();
    const old = hold("old");
    const ended = hold("ended");
    const running = run();
    await time.advance(LOOK_MS / 2);
    const young = hold("young");
    ended.done();

    await time.advance(LOOK_MS / 2);
    expect(store.renewed).toEqual([[old.lease.token]]);
    old.done();
    await time.advance(LOOK_MS);

    expect(store.renewed).toEqual([[old.lease.token], [young.lease.token]]);
    stop.abort();
    await running;
  });

  it("asks for nothing while it holds nothing", async () => {
    const { time, store, stop, run } = arrange();
    const running = run();

    await time.advance(10 * LEASE_MS);

    expect(store.trips).toEqual([]);
    stop.abort();
    await running;
  });

  it("survives a store that fails, and renews in time at the next look", async () => {
    const { time, memory, store, events, stop, hold, run } = arrange();
    hold("long");
    const running = run();
    store.fail("renew", 2);

    await time.advance(LEASE_MS);

    expect(events.log.storeFailed.map(([what]) => what)).toEqual(["renew leases", "renew leases"]);
    expect((await memory.lease({ limit: 1, leaseMs: LEASE_MS })).leases).toEqual([]);
    stop.abort();
    await running;
  });

  it("renews what a part of the store answers for, and leaves the rest unsure", async () => {
    const { time, memory, store, events, stop, hold, run } = arrange();
    const [here, away] = [hold("here"), hold("away")];
    store.renewPartly(({ token }) => token === here.lease.token);
    const running = run();

    await time.advance(LEASE_MS + 1);
    let [isHereSure, isAwaySure] = [false, false];
    void here.confirm().then(() => (isHereSure = true));
    void away.confirm().then(() => (isAwaySure = true));
    await time.settle();

    expect({ isHereSure, isAwaySure }).toEqual({ isHereSure: true, isAwaySure: false });
    expect([await here.isLost(), await away.isLost()]).toEqual([false, false]);
    expect(events.log.storeFailed).toContainEqual([
      "renew leases",
      expect.objectContaining({ message: "a part is away" }),
    ]);
    store.renewPartly(() => true);
    await memory.renew([away.lease], LEASE_MS);
    await time.advance(LOOK_MS);
    expect(isAwaySure).toBe(true);
    stop.abort();
    await running;
  });

  it("lets go of a lease when the work on it has ended, well or not", async () => {
    const { time, memory, keeper } = arrange();
    const work = Promise.withResolvers<void>();
    const held = keeper.hold(memory.enqueueLeased(aPush(), LEASE_MS), time.clock(), () => work.promise);
    expect(keeper.size).toBe(1);

    work.reject(new Error("a bug"));
    await expect(held).rejects.toThrow("a bug");
    await time.settle();

    expect(keeper.size).toBe(0);
  });

  it("says so to the work whose lease it finds lost, and to no other", async () => {
    const { time, memory, stop, hold, run } = arrange();
    const [cancelled, other] = [hold("cancelled"), hold("other")];
    const running = run();

    await memory.cancel({ id: "cancelled" });
    await time.advance(LOOK_MS);

    expect(await cancelled.isLost()).toBe(true);
    expect(await other.isLost()).toBe(false);
    stop.abort();
    await running;
  });

  it("is settled when all work has ended", async () => {
    const { time, keeper, hold } = arrange();
    const [one, two] = [hold("one"), hold("two")];
    let isSettled = false;
    const settled = keeper.settled().then(() => (isSettled = true));

    one.done();
    await time.settle();
    expect(isSettled).toBe(false);
    two.done();

    expect(await settled).toBe(true);
  });

  it("stops at once", async () => {
    const { time, store, stop, hold, run } = arrange();
    hold("long");
    const running = run();

    stop.abort();
    await running;

    expect(store.trips).toEqual([]);
    expect(time.sleepers).toBe(0);
  });
});

describe("a lease that is to be confirmed", () => {
  it("is, at once and without a round trip, while it cannot have run out", async () => {
    const { time, store, hold } = arrange();
    const { confirm } = hold("young");

    await time.advance(LEASE_MS - 1);
    await confirm();

    expect(store.trips).toEqual([]);
  });

  it("is asked for in the store first where it may have run out, and held for another term", async () => {
    const { time, memory, store, stop, hold, run } = arrange();
    const { confirm, isLost } = hold("stalled");
    await time.advance(LEASE_MS);
    const running = run();

    await confirm();

    expect(store.trips).toEqual(["renew"]);
    expect(await isLost()).toBe(false);
    await time.advance(LEASE_MS / 8);
    expect((await memory.lease({ limit: 1, leaseMs: LEASE_MS })).leases).toEqual([]);
    stop.abort();
    await running;
  });

  it("is lost where another worker took the push meanwhile", async () => {
    const { time, memory, stop, hold, run } = arrange();
    const { confirm, isLost } = hold("taken");
    await time.advance(LEASE_MS);
    await memory.lease({ limit: 1, leaseMs: LEASE_MS });
    const running = run();

    await confirm();

    expect(await isLost()).toBe(true);
    stop.abort();
    await running;
  });

  it("stays open while the store does not answer, and for good where the worker stops", async () => {
    const { time, store, stop, hold, run } = arrange();
    const { confirm } = hold("cut off");
    const running = run();
    store.fail("renew", 100);
    await time.advance(LEASE_MS);
    let isConfirmed = false;
    const confirmed = confirm().then(() => (isConfirmed = true));

    await time.advance(LEASE_MS);
    expect(isConfirmed).toBe(false);
    stop.abort();
    await running;

    expect(await confirmed).toBe(true);
  });
});

describe("a new lease of a push that is held", () => {
  const takeAgain = async ({ time, memory }: ReturnType<typeof arrange>) => {
    await time.advance(LEASE_MS);
    const [lease] = (await memory.lease({ limit: 1, leaseMs: LEASE_MS })).leases;
    if (lease === undefined) throw new Error("it has not come back");
    return lease;
  };

  it("is adopted by the work on it, renewed from then on, and sets free what waits for a confirmation", async () => {
    const fixture = arrange();
    const { time, store, keeper, stop, hold, run } = fixture;
    const work = hold("back");
    const again = await takeAgain(fixture);
    const confirmed = work.confirm();

    expect(keeper.adopt(again, time.clock())).toMatchObject({ token: expect.not.stringMatching(again.token) });
    await confirmed;
    const running = run();
    await time.advance(LOOK_MS);

    expect(store.renewed).toEqual([[again.token]]);
    expect(await work.isLost()).toBe(false);
    stop.abort();
    await running;
  });

  it("is not taken from it by the answer to a renewal of the old one", async () => {
    const fixture = arrange();
    const { time, store, keeper, stop, hold, run } = fixture;
    const work = hold("back");
    const line = store.hold("renew");
    const running = run();
    const again = await takeAgain(fixture);
    expect(keeper.adopt(again, time.clock())).toMatchObject({ token: expect.not.stringMatching(again.token) });

    line.release();
    await time.settle();

    expect(await work.isLost()).toBe(false);
    stop.abort();
    await running;
  });

  it.each<
    [string, (work: ReturnType<ReturnType<typeof arrange>["hold"]>, fixture: ReturnType<typeof arrange>) => unknown]
  >([
    ["the work has ended", ({ done }) => done()],
    ["the push is about to go back to the queue", ({ letGo }) => letGo()],
    ["the work was told to end", ({ lease }, { keeper }) => keeper.abandon(lease.push.id)],
  ])("is somebody's new work where %s", async (_when, happens) => {
    const fixture = arrange();
    const work = fixture.hold("back");
    await happens(work, fixture);
    await fixture.time.settle();
    const again = await takeAgain(fixture);

    expect(fixture.keeper.adopt(again, fixture.time.clock())).toBeUndefined();
  });
});
