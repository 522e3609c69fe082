import { describe, expect, it } from "vitest";
import { createRecordingEvents } from "../../test/support/gateway-doubles.ts";
import { MemoryPushStore } from "../../test/support/memory-push-store.ts";
import { ACCEPTED_AT, aPush, LEASE_MS } from "../../test/support/push-builders.ts";
import { tapPushStore } from "../../test/support/tapped-push-store.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
import { LeaseKeeper } from "./lease-keeper.ts";

const LOOK_MS = LEASE_MS / 4;

function arrange() {
  const time = createVirtualTime(ACCEPTED_AT);
  const memory = new MemoryPushStore({ clock: time.clock });
  const store = tapPushStore(memory);
  const events = createRecordingEvents();
  const keeper = new LeaseKeeper({ store, events, sleep: time.sleep, leaseMs: LEASE_MS });
  const stop = new AbortController();
  const hold = (id: string) => {
    const lease = memory.enqueueLeased(aPush({ id }), LEASE_MS);
    const { promise, resolve } = Promise.withResolvers<void>();
    let lost: AbortSignal | undefined;
    void keeper.hold(lease, (signal) => {
      lost = signal;
      return promise;
    });
    return { lease, done: resolve, isLost: () => lost?.aborted };
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

  it("lets go of a lease when the work on it has ended, well or not", async () => {
    const { time, memory, keeper } = arrange();
    const work = Promise.withResolvers<void>();
    const held = keeper.hold(memory.enqueueLeased(aPush(), LEASE_MS), () => work.promise);
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

    expect(cancelled.isLost()).toBe(true);
    expect(other.isLost()).toBe(false);
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
