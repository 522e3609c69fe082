import { describe, expect, it } from "vitest";
import { arrangeDelivery, BOTH_PHONES, takeOne } from "../../../test/fixtures/delivery-fixture.ts";
import { createHeldAnswer, deferred, DELIVERED, untilCalledOff } from "../../../test/fixtures/gateway-doubles.ts";
import { ACCEPTED_AT, LEASE_MS } from "../../../test/fixtures/builders.ts";

describe("a store that fails", () => {
  it("is asked until it answers, and the provider is not asked twice", async () => {
    const { run, time, store, memory, apns, events, push } = arrangeDelivery();
    store.fail("settle", 4);

    const end = run();
    await time.advance(100 + 200 + 400 + 800);
    await end;

    expect(apns.sent).toHaveLength(1);
    expect(store.trips).toHaveLength(5);
    expect(events.log.storeFailed).toHaveLength(4);
    expect(await memory.get(push.id)).toMatchObject({ state: "delivered" });
    expect(events.log.ended).toHaveLength(1);
  });

  it("does not hold up the attempts at other devices", async () => {
    const slow = createHeldAnswer();
    const { run, time, store, stateOf, fcm } = arrangeDelivery({ devices: BOTH_PHONES, fcm: [slow.step, DELIVERED] });
    store.fail("settle", 3);

    const end = run();
    await time.advance(100);
    slow.answer(deferred(100));
    await time.advance(100);
    expect(fcm.sent).toHaveLength(2);
    await time.advance(1_000);
    await end;

    expect([await stateOf("iphone"), await stateOf("pixel")]).toEqual(["delivered", "delivered"]);
  });
});

describe("a lease that is lost", () => {
  it("stops further attempts, and nothing is reported as ended", async () => {
    const { run, time, memory, apns, events, push } = arrangeDelivery({ apns: [deferred(1_000), DELIVERED] });
    await time.advance(LEASE_MS);
    await takeOne(memory);

    const end = run();
    await time.advance(10_000);
    await end;

    expect(apns.sent).toHaveLength(1);
    expect(events.log.leaseLost).toEqual([[push.id]]);
    expect(events.log.deliveryEnded).toEqual([]);
    expect(events.log.ended).toEqual([]);
  });

  it("leaves the other worker's record alone", async () => {
    const slow = createHeldAnswer();
    const { run, time, memory, store, push } = arrangeDelivery({ apns: [slow.step] });
    const end = run();
    await time.advance(LEASE_MS);
    const other = await takeOne(memory);

    slow.answer({ kind: "rejected", reason: "PayloadTooLarge" });
    await end;

    expect(await memory.get(push.id)).toEqual(other.push);
    expect(store.settled).toHaveLength(1);
  });

  it("is how a cancelled push ends its retries", async () => {
    const { run, time, memory, apns, push } = arrangeDelivery({ apns: [deferred(1_000), deferred(1_000), DELIVERED] });
    const end = run();
    await time.advance(500);
    await memory.cancel({ id: push.id });

    await time.advance(10_000);
    await end;

    expect(apns.sent).toHaveLength(2);
    expect(await memory.get(push.id)).toMatchObject({ state: "cancelled" });
  });
});

describe("a worker that stops", () => {
  it("hands a push back at once that waits for its retry", async () => {
    const { run, time, memory, stop, apns } = arrangeDelivery({ apns: [deferred(3_000), DELIVERED] });
    const end = run();
    await time.advance(1_000);

    stop.abort();

    expect(await end).toBe(ACCEPTED_AT + 3_000);
    expect(time.clock()).toBe(ACCEPTED_AT + 1_000);
    expect(apns.sent).toHaveLength(1);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
    expect(time.sleepers).toBe(0);
  });

  it("calls off the attempt under way, and hands the push back", async () => {
    const { run, time, memory, stop, apns } = arrangeDelivery({ apns: [untilCalledOff] });
    const end = run();
    await time.settle();

    stop.abort();
    await end;

    expect(apns.sent).toHaveLength(1);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
  });

  it("starts no attempt any more", async () => {
    const { run, memory, stop, apns } = arrangeDelivery();
    stop.abort();

    expect(await run()).toBe(ACCEPTED_AT);
    expect(apns.sent).toEqual([]);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
  });

  it("does not wait for a store that does not answer", async () => {
    const { run, time, store, stop } = arrangeDelivery();
    store.fail("settle", 1_000);
    const end = run();
    await time.advance(150);

    stop.abort();
    await end;

    expect(time.clock()).toBe(ACCEPTED_AT + 150);
    expect(store.trips.length).toBeLessThan(6);
    expect(time.sleepers).toBe(0);
  });
});
