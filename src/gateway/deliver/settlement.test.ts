import { describe, expect, it } from "vitest";
import { ACCEPTED_AT, LEASE_MS, aPush, anAndroid, anIphone } from "../../../test/fixtures/builders.ts";
import { surelyHeld } from "../../../test/fixtures/delivery-fixture.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryPushStore } from "../../../test/fixtures/memory-push-store.ts";
import { tapPushStore } from "../../../test/fixtures/tapped-push-store.ts";
import { createVirtualTime } from "../../../test/fixtures/clocks.ts";
import type { DeliveryResult } from "../push-store.ts";
import { Settlement } from "./settlement.ts";

function arrange() {
  const time = createVirtualTime(ACCEPTED_AT);
  const memory = new MemoryPushStore({ clock: time.clock });
  const store = tapPushStore(memory);
  const events = createRecordingEvents();
  const push = aPush({}, [anIphone(), anAndroid()]);
  const lease = memory.enqueueLeased(push, LEASE_MS);
  const stop = new AbortController();
  const settlement = new Settlement(
    { store, events, clock: time.clock, sleep: time.sleep },
    surelyHeld(lease),
    stop.signal,
  );
  const states = async () => (await memory.get(push.id))?.deliveries.map(({ state }) => state);
  return { time, memory, store, events, push, stop, settlement, states };
}

const IPHONE: DeliveryResult = { deviceId: "iphone", state: "delivered", attempts: 1, providerMessageId: "m-1" };
const PIXEL: DeliveryResult = { deviceId: "pixel", state: "failed", attempts: 1, reason: "Unregistered" };
const LATER: DeliveryResult = { deviceId: "pixel", state: "pending", attempts: 1, notBefore: ACCEPTED_AT + 20_000 };

describe("Settlement", () => {
  it("writes what came within one tick in one round trip", async () => {
    const { settlement, time, store, states } = arrange();

    settlement.add(IPHONE);
    settlement.add(PIXEL);
    await time.settle();

    expect(store.settled).toMatchObject([{ results: [IPHONE, PIXEL], handBackAt: undefined }]);
    expect(await states()).toEqual(["delivered", "failed"]);
  });

  it("never writes a second end of a delivery, and reports the bug", async () => {
    const { settlement, time, store, events, push } = arrange();
    settlement.add(IPHONE);
    await time.settle();

    settlement.add({ ...IPHONE, state: "failed", reason: "late" });
    await time.settle();

    expect(store.settled).toHaveLength(1);
    expect(events.log.illegalTransition).toEqual([[push.id, "delivered", "failed"]]);
  });

  it("writes in the background, before anybody asks it to finish", async () => {
    const { settlement, time, states } = arrange();

    settlement.add(IPHONE);
    await time.settle();

    expect(await states()).toEqual(["delivered", "pending"]);
    expect(settlement.closed).toBe(false);
  });

  it("finishes with the last results and the hand-back in one round trip", async () => {
    const { settlement, store, memory } = arrange();

    settlement.add(IPHONE);
    settlement.add(LATER);
    await settlement.finish(ACCEPTED_AT + 20_000);

    expect(store.settled).toMatchObject([{ results: [IPHONE, LATER], handBackAt: ACCEPTED_AT + 20_000 }]);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
  });

  it("needs no round trip where everything has been written", async () => {
    const { settlement, time, store, events } = arrange();
    settlement.add(IPHONE);
    settlement.add(PIXEL);
    await time.settle();

    await settlement.finish(undefined);

    expect(store.trips).toEqual(["settle"]);
    expect(events.log.ended).toHaveLength(1);
  });

  it("writes one after the other, what came meanwhile together", async () => {
    const { settlement, time, store } = arrange();
    const line = store.hold("settle");
    settlement.add(LATER);
    await time.settle();

    settlement.add(IPHONE);
    await time.settle();
    settlement.add(PIXEL);
    await time.settle();
    expect(store.settled).toHaveLength(1);
    line.release();
    await settlement.finish(undefined);

    expect(store.settled.map(({ results }) => results)).toEqual([[LATER], [IPHONE, PIXEL]]);
  });

  it("tells the store of each device only how it stands last", async () => {
    const { settlement, time, store, states } = arrange();
    const line = store.hold("settle");
    settlement.add(IPHONE);
    await time.settle();

    settlement.add(LATER);
    settlement.add(PIXEL);
    line.release();
    await settlement.finish(undefined);

    expect(store.settled.map(({ results }) => results)).toEqual([[IPHONE], [PIXEL]]);
    expect(await states()).toEqual(["delivered", "failed"]);
  });

  it("reports each delivery that ended and the push, once they are on record", async () => {
    const { settlement, time, store, events, push } = arrange();
    const line = store.hold("settle");

    settlement.add(IPHONE);
    settlement.add(PIXEL);
    await time.settle();
    expect(events.names).toEqual([]);
    line.release();
    await time.settle();

    expect(events.names).toEqual(["deliveryEnded", "deliveryEnded", "ended"]);
    expect(events.log.deliveryEnded).toMatchObject([
      [{ pushId: push.id, kind: "call", target: { deviceId: "iphone" }, state: "delivered" }],
      [{ target: { deviceId: "pixel" }, state: "failed", reason: "Unregistered" }],
    ]);
    expect(events.log.ended).toMatchObject([[{ id: push.id }, "delivered", ACCEPTED_AT]]);
  });

  it("does not report a delivery that goes on", async () => {
    const { settlement, events } = arrange();

    settlement.add(LATER);
    await settlement.finish(ACCEPTED_AT + 20_000);

    expect(events.names).toEqual([]);
  });

  it("asks a failing store again, ever more rarely", async () => {
    const { settlement, time, store, events } = arrange();
    store.fail("settle", 100);
    settlement.add(IPHONE);
    const asked: number[] = [];

    for (const waitMs of [0, 100, 200, 400, 800, 1_600, 2_000, 2_000]) {
      await time.advance(waitMs);
      asked.push(store.trips.length);
    }

    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(events.log.storeFailed).toHaveLength(8);
  });

  it("asks again where the store has written but its answer got lost, and reports the end once", async () => {
    const { settlement, time, store, events, states } = arrange();
    store.loseAnswer("settle");

    settlement.add(IPHONE);
    settlement.add(PIXEL);
    await time.advance(100);
    await settlement.finish(undefined);

    expect(await states()).toEqual(["delivered", "failed"]);
    expect(store.trips).toEqual(["settle", "settle"]);
    expect(events.names).toEqual(["storeFailed", "deliveryEnded", "deliveryEnded", "ended"]);
  });

  it("is closed by the loss of its lease, and says so once", async () => {
    const { settlement, time, store, memory, events, push } = arrange();
    await time.advance(LEASE_MS);
    await memory.lease({ limit: 1, leaseMs: LEASE_MS });

    settlement.add(IPHONE);
    await time.settle();
    expect(settlement.closed).toBe(true);
    settlement.add(PIXEL);
    await settlement.finish(ACCEPTED_AT);

    expect(store.trips).toEqual(["settle"]);
    expect(events.names).toEqual(["leaseLost"]);
    expect(events.log.leaseLost).toEqual([[push.id]]);
  });

  it("says that the store has lost the push, and not that another worker has it", async () => {
    const { settlement, time, memory, events, push } = arrange();
    memory.forgetEverything();

    settlement.add(IPHONE);
    await time.settle();

    expect(settlement.closed).toBe(true);
    expect(events.names).toEqual(["lostByStore"]);
    expect(events.log.lostByStore).toEqual([[push.id]]);
  });

  it("stops asking a failing store when the worker stops", async () => {
    const { settlement, time, store, stop } = arrange();
    store.fail("settle", 3);
    settlement.add(IPHONE);
    await time.settle();

    stop.abort();
    await settlement.finish(undefined);

    expect(time.clock()).toBe(ACCEPTED_AT);
    expect(time.sleepers).toBe(0);
  });

  it("does not hand a push back without the result that it could not write before", async () => {
    const { settlement, time, store, stop, states, memory } = arrange();
    store.fail("settle", 2);
    settlement.add(IPHONE);
    await time.settle();

    stop.abort();
    await time.settle();
    await settlement.finish(ACCEPTED_AT);

    expect(await states()).toEqual(["delivered", "pending"]);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
  });
});
