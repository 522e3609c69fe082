import { describe, expect, it } from "vitest";
import { arrangeDelivery, BOTH_PHONES, HOLD_MS, surelyHeld, takeOne } from "../../../test/fixtures/delivery-fixture.ts";
import {
  createHeldAnswer,
  createRecordingEvents,
  deferred,
  DELIVERED,
} from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryPushStore } from "../../../test/fixtures/memory-push-store.ts";
import { ACCEPTED_AT, aDelivery, aPush, LEASE_MS } from "../../../test/fixtures/builders.ts";
import { createVirtualTime } from "../../../test/fixtures/clocks.ts";
import { Quarantine } from "./quarantine.ts";
import { createDeliverPush } from "./deliver-push.ts";
import { DeliverySlots } from "./delivery-slots.ts";

function someSlots(): DeliverySlots {
  return new DeliverySlots({ inFlight: 1, retries: 1, findProvider: () => undefined, clock: () => ACCEPTED_AT });
}

describe("a push to one device", () => {
  it("is tried at once where it would wait longer than any pause, because the clock was set back since", async () => {
    const time = createVirtualTime(ACCEPTED_AT);
    const push = aPush({ deliveries: [aDelivery({ attempts: 1, notBefore: ACCEPTED_AT + 7_200_000 })] });
    const memory = new MemoryPushStore({ clock: time.clock });
    const lease = memory.enqueueLeased(push, 4_000);
    const attempted: number[] = [];
    const deliver = createDeliverPush({
      quarantine: new Quarantine({ store: memory, events: createRecordingEvents() }),
      longestPauseMs: () => 3_600_000,
      attempt: async (_push, { deviceId, attempts }) => {
        attempted.push(time.clock());
        return { deviceId, attempts: attempts + 1, state: "delivered" };
      },
      store: memory,
      events: createRecordingEvents(),
      clock: time.clock,
      sleep: time.sleep,
      slots: someSlots(),
      holdMs: HOLD_MS,
    });

    const backAt = await deliver(
      { lease, confirm: async () => undefined, letGo: () => undefined },
      new AbortController().signal,
    );

    expect([attempted, backAt]).toEqual([[ACCEPTED_AT], undefined]);
  });

  it("that succeeds takes one attempt and one round trip", async () => {
    const { run, memory, store, apns, events, push } = arrangeDelivery();

    expect(await run()).toBeUndefined();

    expect(store.trips).toEqual(["settle"]);
    expect(apns.sent).toHaveLength(1);
    expect(await memory.get(push.id)).toMatchObject({ state: "delivered", deliveries: [{ providerMessageId: "m-1" }] });
    expect(events.names).toEqual(["attempted", "deliveryEnded", "ended"]);
    expect(events.log.ended).toMatchObject([[{ id: push.id }, "delivered", ACCEPTED_AT]]);
  });

  it("waits for a near retry with the lease in hand", async () => {
    const { run, time, memory, store, apns, push } = arrangeDelivery({ apns: [deferred(HOLD_MS), DELIVERED] });

    const end = run();
    await time.advance(HOLD_MS - 1);
    expect(apns.sent).toHaveLength(1);
    expect(store.settled).toMatchObject([{ results: [{ state: "pending" }], handBackAt: undefined }]);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 1 });
    await time.advance(1);

    expect(await end).toBeUndefined();
    expect(apns.sent).toHaveLength(2);
    expect(await memory.get(push.id)).toMatchObject({ state: "delivered", deliveries: [{ attempts: 2 }] });
  });

  it("is handed back for a phone whose app another gateway may have, however soon it falls due", async () => {
    const { run, apns, memory, stateOf } = arrangeDelivery({ devices: BOTH_PHONES, appElsewhere: "fcm" });

    expect(await run()).toBe(ACCEPTED_AT + 500);

    expect(apns.sent).toHaveLength(1);
    expect(await stateOf("iphone")).toBe("delivered");
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
  });

  it("is handed back for a near retry as well where as many wait as may, and comes back no sooner than in a while", async () => {
    const { run, store } = arrangeDelivery({ apns: [deferred(10)], retries: 0 });

    expect(await run()).toBe(ACCEPTED_AT + 500);

    expect(store.settled).toMatchObject([{ results: [{ state: "pending", notBefore: ACCEPTED_AT + 10 }] }]);
  });

  it("is handed back for a later retry, together with the record of the attempt", async () => {
    const { run, time, memory, store } = arrangeDelivery({ apns: [deferred(HOLD_MS + 1)] });

    const dueAt = await run();

    expect(dueAt).toBe(ACCEPTED_AT + HOLD_MS + 1);
    expect(store.trips).toEqual(["settle"]);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
    await time.advance(HOLD_MS);
    expect((await memory.lease({ limit: 1, leaseMs: LEASE_MS })).leases).toEqual([]);
    await time.advance(1);
    expect((await memory.lease({ limit: 1, leaseMs: LEASE_MS })).leases).toMatchObject([
      { push: { deliveries: [{ attempts: 1, notBefore: dueAt, reason: "busy" }] } },
    ]);
  });

  it("does not write down that a retry had to wait for its turn", async () => {
    const { time, store, events, lease } = arrangeDelivery();
    const { clock, sleep } = time;
    let turns = 0;
    const deliver = createDeliverPush({
      quarantine: new Quarantine({ store, events }),
      longestPauseMs: () => 3_600_000,
      attempt: async (_push, { deviceId, attempts }) => {
        turns += 1;
        if (turns < 10) return { deviceId, attempts, state: "pending", notBefore: clock() + 500 };
        return { deviceId, attempts: attempts + 1, state: "delivered" };
      },
      store,
      events,
      clock,
      sleep,
      holdMs: HOLD_MS,
      slots: someSlots(),
    });

    const end = deliver(surelyHeld(lease), new AbortController().signal);
    await time.advance(5_000);
    await end;

    expect(turns).toBe(10);
    expect(store.settled).toMatchObject([{ results: [{ state: "delivered", attempts: 1 }] }]);
  });

  it("that came too early from the queue waits for its time before it is tried", async () => {
    const { memory, time, store, apns, events, push } = arrangeDelivery();
    const waiting = aPush({ deliveries: push.deliveries.map((one) => ({ ...one, notBefore: ACCEPTED_AT + 2_000 })) });
    const lease = memory.enqueueLeased(waiting, LEASE_MS);
    const attempted: number[] = [];
    const deliver = createDeliverPush({
      quarantine: new Quarantine({ store, events }),
      longestPauseMs: () => 3_600_000,
      attempt: async (_push, { deviceId, attempts }) => {
        attempted.push(time.clock());
        return { deviceId, attempts: attempts + 1, state: "delivered" };
      },
      store,
      events,
      clock: time.clock,
      sleep: time.sleep,
      slots: someSlots(),
      holdMs: HOLD_MS,
    });

    const end = deliver(surelyHeld(lease), new AbortController().signal);
    await time.advance(10_000);
    await end;

    expect(attempted).toEqual([ACCEPTED_AT + 2_000]);
    expect(apns.sent).toEqual([]);
  });

  it("expires at its deadline, and no attempt starts after it", async () => {
    const { run, time, memory, apns, push } = arrangeDelivery({ apns: [deferred()] });
    await time.advance(60_000);

    await run();

    expect(apns.sent).toEqual([]);
    expect(await memory.get(push.id)).toMatchObject({ state: "expired" });
  });
});

describe("a push to several devices", () => {
  it("is tried at all of them at once, and recorded together where they answer together", async () => {
    const { run, store, memory, push, events } = arrangeDelivery({ devices: BOTH_PHONES });

    await run();

    expect(store.trips).toEqual(["settle"]);
    expect(await memory.get(push.id)).toMatchObject({ state: "delivered" });
    expect(events.log.deliveryEnded).toHaveLength(2);
    expect(events.log.ended).toHaveLength(1);
  });

  it("has the fast device's success on record while the slow one is still waited for", async () => {
    const slow = createHeldAnswer();
    const { run, time, store, events, stateOf } = arrangeDelivery({ devices: BOTH_PHONES, fcm: [slow.step] });

    const end = run();
    await time.settle();

    expect(await stateOf("iphone")).toBe("delivered");
    expect(await stateOf("pixel")).toBe("pending");
    expect(events.log.deliveryEnded).toMatchObject([[{ target: { deviceId: "iphone" } }]]);
    expect(events.log.ended).toEqual([]);
    slow.answer(DELIVERED);
    await end;
    expect(await stateOf("pixel")).toBe("delivered");
    expect(store.trips).toEqual(["settle", "settle"]);
    expect(events.log.ended).toHaveLength(1);
  });

  it("tries only those again that have not ended", async () => {
    const { run, time, apns, fcm } = arrangeDelivery({ devices: BOTH_PHONES, fcm: [deferred(1_000), DELIVERED] });

    const end = run();
    await time.advance(1_000);
    await end;

    expect(apns.sent).toHaveLength(1);
    expect(fcm.sent).toHaveLength(2);
  });

  it("is handed back for the earliest of the later retries", async () => {
    const { run, store, memory } = arrangeDelivery({
      devices: BOTH_PHONES,
      apns: [deferred(30_000)],
      fcm: [deferred(20_000)],
    });

    expect(await run()).toBe(ACCEPTED_AT + 20_000);

    expect(store.trips).toEqual(["settle"]);
    expect(await memory.lease({ limit: 1, leaseMs: 1 })).toEqual({ leases: [], nextDueAt: ACCEPTED_AT + 20_000 });
  });

  it("makes the near retries first, and then goes back for the later one", async () => {
    const { run, time, apns, fcm, stateOf } = arrangeDelivery({
      devices: BOTH_PHONES,
      apns: [deferred(20_000)],
      fcm: [deferred(2_000), DELIVERED],
    });

    const end = run();
    await time.advance(2_000);

    expect(await end).toBe(ACCEPTED_AT + 20_000);
    expect([apns.sent.length, fcm.sent.length]).toEqual([1, 2]);
    expect(await stateOf("pixel")).toBe("delivered");
  });

  it("does not ask again for those that had ended when it came back", async () => {
    const { run, time, memory, store, events, apns, fcm } = arrangeDelivery({
      devices: BOTH_PHONES,
      fcm: [deferred(20_000)],
    });
    await run();
    await time.advance(20_000);
    const lease = await takeOne(memory);
    const asked: string[] = [];
    const again = createDeliverPush({
      quarantine: new Quarantine({ store, events }),
      longestPauseMs: () => 3_600_000,
      attempt: async (_push, { deviceId, attempts }) => {
        asked.push(deviceId);
        return { deviceId, attempts: attempts + 1, state: "delivered" };
      },
      store,
      events,
      clock: time.clock,
      sleep: time.sleep,
      slots: someSlots(),
      holdMs: HOLD_MS,
    });

    await again(surelyHeld(lease), new AbortController().signal);

    expect(asked).toEqual(["pixel"]);
    expect([apns.sent.length, fcm.sent.length]).toEqual([1, 1]);
  });
});
