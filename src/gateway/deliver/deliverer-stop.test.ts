import { describe, expect, it } from "vitest";
import { createHeldAnswer, DELIVERED, untilCalledOff } from "../../../test/fixtures/gateway-doubles.ts";
import { ACCEPTED_AT, aPush } from "../../../test/fixtures/builders.ts";
import { arrangeWorker, LATE, WORKER_LIMITS } from "../../../test/fixtures/delivery-fixture.ts";

describe("a deliverer that stops", () => {
  it("is prompt when nothing is under way", async () => {
    const { time, deliverer } = arrangeWorker();
    deliverer.start();
    await time.settle();

    await deliverer[Symbol.asyncDispose]();

    expect(time.clock()).toBe(ACCEPTED_AT);
    expect(time.sleepers).toBe(0);
  });

  it("is prompt where the worker was never started", async () => {
    const { time, deliverer } = arrangeWorker();

    await deliverer[Symbol.asyncDispose]();

    expect(time.sleepers).toBe(0);
  });

  it("lets attempts under way end", async () => {
    const slow = createHeldAnswer();
    const { time, deliverer, accept, stateOf } = arrangeWorker({ steps: [slow.step] });
    deliverer.start();
    accept({ id: "one" });
    const stopped = deliverer[Symbol.asyncDispose]();
    await time.advance(WORKER_LIMITS.graceMs - 1);

    slow.answer(DELIVERED);
    await stopped;

    expect(await stateOf("one")).toBe("delivered");
    expect(time.clock()).toBe(ACCEPTED_AT + WORKER_LIMITS.graceMs - 1);
    expect(time.sleepers).toBe(0);
  });

  it("calls off what is still under way after the grace, and hands it back", async () => {
    const { time, memory, deliverer, accept, sent } = arrangeWorker({ steps: [untilCalledOff] });
    deliverer.start();
    accept({ id: "one", deadline: LATE });
    let isStopped = false;
    const stopped = deliverer[Symbol.asyncDispose]().then(() => (isStopped = true));

    await time.advance(WORKER_LIMITS.graceMs - 1);
    expect(isStopped).toBe(false);
    await time.advance(1);
    await stopped;

    expect(sent()).toEqual(["one"]);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
    expect(time.sleepers).toBe(0);
  });

  it("keeps the leases of what it lets end", async () => {
    const slow = createHeldAnswer();
    const { time, memory, deliverer, accept } = arrangeWorker({ steps: [slow.step], limits: { graceMs: 30_000 } });
    deliverer.start();
    accept({ id: "one", deadline: LATE });
    const stopped = deliverer[Symbol.asyncDispose]();

    await time.advance(20_000);

    expect((await memory.lease({ limit: 1, leaseMs: 1 })).leases).toEqual([]);
    slow.answer(DELIVERED);
    await stopped;
  });

  it("hands back what is accepted meanwhile", async () => {
    const slow = createHeldAnswer();
    const { time, memory, deliverer, accept, sent } = arrangeWorker({ steps: [slow.step] });
    deliverer.start();
    accept({ id: "before" });
    const stopped = deliverer[Symbol.asyncDispose]();

    accept({ id: "after" });
    await time.settle();
    expect(await memory.depth()).toEqual({ pending: 2, leased: 1 });
    slow.answer(DELIVERED);
    await stopped;

    expect(sent()).toEqual(["before"]);
  });

  it("waits until it has handed back what the queue gives it at the last moment", async () => {
    const { time, memory, store, deliverer, sent } = arrangeWorker();
    memory.enqueue(aPush({ id: "one" }));
    const queue = store.hold("lease");
    deliverer.start();
    await time.settle();
    const handBack = store.hold("settle");
    let isStopped = false;
    const stopped = deliverer[Symbol.asyncDispose]().then(() => (isStopped = true));

    queue.release();
    await time.settle();
    expect(isStopped).toBe(false);
    handBack.release();
    await stopped;

    expect(sent()).toEqual([]);
    expect(await memory.depth()).toEqual({ pending: 1, leased: 0 });
  });

  it("takes nothing more from the queue", async () => {
    const { time, memory, store, deliverer } = arrangeWorker();
    deliverer.start();
    await time.settle();

    await deliverer[Symbol.asyncDispose]();
    memory.enqueue(aPush());
    await time.advance(10 * WORKER_LIMITS.pollMs);

    expect(store.trips).toEqual(["lease"]);
  });
});
