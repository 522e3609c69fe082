import { describe, expect, it } from "vitest";
import { ACCEPTED_AT, aCall, aMessage, aPush } from "../../../test/fixtures/builders.ts";
import {
  createHeldAnswer,
  deferred,
  DELIVERED,
  untilCalledOff,
  type Step,
} from "../../../test/fixtures/gateway-doubles.ts";
import { buildAor } from "../../push/address.ts";
import { arrangeWorker, LATE, WORKER_LIMITS } from "../../../test/fixtures/delivery-fixture.ts";

describe("a push that has just been accepted", () => {
  it("is worked on before the call returns", async () => {
    await using worker = arrangeWorker();
    const { time, deliverer, accept, stateOf, events, store } = worker;

    accept({ id: "one" });
    expect(deliverer.inFlight).toBe(1);
    await time.settle();

    expect(await stateOf("one")).toBe("delivered");
    expect(deliverer.inFlight).toBe(0);
    expect(store.trips).toEqual(["settle"]);
    expect(events.log.unexpected).toEqual([]);
  });

  it("goes back to the queue if no slot is free, and is taken as soon as it has one free", async () => {
    const first = createHeldAnswer();
    await using worker = arrangeWorker({
      steps: [first.step, DELIVERED],
      inFlight: 1,
    });
    const { time, memory, store, deliverer, accept, stateOf, sent } = worker;
    deliverer.start();
    await time.settle();

    accept({ id: "one" });
    accept({ id: "two" });
    await time.settle();
    expect(sent()).toEqual(["one"]);
    expect(store.settled).toMatchObject([{ lease: { push: { id: "two" } }, results: [], handBackAt: ACCEPTED_AT }]);
    expect(await memory.depth()).toEqual({ pending: 2, leased: 1 });
    first.answer(DELIVERED);
    await time.settle();

    expect([await stateOf("one"), await stateOf("two")]).toEqual(["delivered", "delivered"]);
    expect(time.clock()).toBe(ACCEPTED_AT);
  });

  it("finds a hand free however many wait for a retry", async () => {
    const waiting = [deferred(1_500), deferred(1_500)] as const;
    await using worker = arrangeWorker({ steps: [...waiting, DELIVERED], inFlight: 1 });
    const { time, accept, stateOf, sent } = worker;

    for (const id of ["one", "two", "three"]) {
      accept({ id });
      await time.settle();
    }

    expect(sent()).toEqual(["one", "two", "three"]);
    expect(await stateOf("three")).toBe("delivered");
  });

  it("finds a hand free however many pushes of another domain hang, and those never have all", async () => {
    const hangs: Step = (attempt, signal) =>
      attempt.push.request.callee.endsWith("@sick.org") ? untilCalledOff(attempt, signal) : Promise.resolve(DELIVERED);
    await using worker = arrangeWorker({ steps: [hangs], inFlight: 16 });
    const { time, memory, store, deliverer, accept, stateOf, sent } = worker;
    deliverer.start();
    const callee = buildAor("alice", "sick.org");
    for (let number = 0; number < 100; number += 1) {
      const request = number % 2 === 0 ? aCall({ callee }) : aMessage({ callee });
      accept({ id: `sick ${number}`, request, deadline: LATE });
    }
    await time.settle();

    accept({ id: "fresh" });
    await time.settle();

    expect(await stateOf("fresh")).toBe("delivered");
    expect(time.clock()).toBe(ACCEPTED_AT);
    expect(sent().length).toBeLessThan(16);
    // The other pushes wait in the store and return one after the other.
    const backAt = store.settled.flatMap(({ handBackAt }) => handBackAt ?? []);
    expect(Math.min(...backAt)).toBeGreaterThanOrEqual(ACCEPTED_AT + 500);
    expect((await memory.depth()).pending).toBe(100);
  });

  it("comes back by itself where it cannot be handed back", async () => {
    const first = createHeldAnswer();
    await using worker = arrangeWorker({
      steps: [first.step, DELIVERED],
      inFlight: 1,
      limits: { pollMs: 1_000 },
    });
    const { time, store, events, deliverer, accept, stateOf } = worker;
    deliverer.start();
    accept({ id: "one" });
    store.fail("settle");
    accept({ id: "two" });
    await time.settle();
    expect(events.log.storeFailed.map(([what]) => what)).toEqual(["hand a push back"]);

    first.answer(DELIVERED);
    await time.advance(WORKER_LIMITS.leaseMs);

    expect(await stateOf("two")).toBe("delivered");
  });

  it("is let go where the work on it breaks, and the bug is reported", async () => {
    const bug = new TypeError("undefined is not a function");
    await using worker = arrangeWorker({ deliverPush: () => Promise.reject(bug) });
    const { time, deliverer, accept, events } = worker;

    accept();
    await time.settle();

    expect(deliverer.inFlight).toBe(0);
    expect(events.log.unexpected).toEqual([["deliver a push", bug]]);
  });
});

describe("the queue", () => {
  it("is looked at as soon as the worker starts, calls first", async () => {
    await using worker = arrangeWorker();
    const { time, memory, deliverer, sent } = worker;
    memory.enqueue(aPush({ id: "message", request: aMessage() }), ACCEPTED_AT - 10);
    memory.enqueue(aPush({ id: "call" }), ACCEPTED_AT);

    deliverer.start();
    await time.settle();

    expect(sent()).toEqual(["call", "message"]);
  });

  it("is looked at exactly when its next push falls due", async () => {
    await using worker = arrangeWorker();
    const { time, memory, deliverer, sent } = worker;
    memory.enqueue(aPush({ id: "later" }), ACCEPTED_AT + 7_000);
    deliverer.start();

    await time.advance(6_999);
    expect(sent()).toEqual([]);
    await time.advance(1);

    expect(sent()).toEqual(["later"]);
  });

  it("is looked at now and then for what another worker has left", async () => {
    await using worker = arrangeWorker();
    const { time, memory, store, deliverer, sent } = worker;
    deliverer.start();
    await time.advance(1_000);
    memory.enqueue(aPush({ id: "left" }));

    await time.advance(WORKER_LIMITS.pollMs - 1_001);
    expect(sent()).toEqual([]);
    expect(store.trips).toEqual(["lease"]);
    await time.advance(1);

    expect(sent()).toEqual(["left"]);
  });

  it("is looked at when a retry falls due before the next look", async () => {
    await using worker = arrangeWorker({ steps: [deferred(10_000), DELIVERED] });
    const { time, deliverer, accept, sent, stateOf } = worker;
    deliverer.start();
    await time.settle();

    accept({ id: "one", deadline: LATE });
    await time.advance(9_999);
    expect(sent()).toEqual(["one"]);
    await time.advance(1);

    expect(sent()).toEqual(["one", "one"]);
    expect(await stateOf("one")).toBe("delivered");
  });

  it("is not looked at early for a retry that falls due after the next look", async () => {
    await using worker = arrangeWorker({ steps: [deferred(WORKER_LIMITS.pollMs + 1)] });
    const { time, store, deliverer, accept } = worker;
    deliverer.start();
    await time.settle();

    accept({ deadline: LATE });
    await time.advance(WORKER_LIMITS.pollMs - 1);

    expect(store.trips).toEqual(["lease", "settle"]);
  });

  it("is emptied without a pause, batch by batch, while slots are free", async () => {
    await using worker = arrangeWorker();
    const { time, memory, deliverer, sent } = worker;
    for (let i = 0; i < 150; i += 1) memory.enqueue(aPush({ id: `push-${i}` }));

    deliverer.start();
    await time.settle();

    expect(new Set(sent()).size).toBe(150);
    expect(sent()).toHaveLength(150);
  });

  it("is emptied a batch at a time while no more can wait in the worker, and at once when they can again", async () => {
    const pushes = 200;
    const refusals = Array.from({ length: 64 }, () => deferred(1_000));
    await using worker = arrangeWorker({ steps: [deferred(1_500), ...refusals, DELIVERED], retries: 1 });
    const { time, memory, deliverer, accept, sent } = worker;
    accept({ id: "waits", deadline: LATE });
    await time.settle();
    for (let index = 0; index < pushes; index += 1) memory.enqueue(aPush({ id: `due-${index}`, deadline: LATE }));

    deliverer.start();
    await time.settle();
    const whileFull = sent().length;
    await time.advance(WORKER_LIMITS.pollMs);

    expect(whileFull).toBe(1 + 64);
    expect(new Set(sent()).size).toBe(1 + pushes);
  });

  it("never has more pushes in flight than it may work on", async () => {
    const answers = Array.from({ length: 12 }, createHeldAnswer);
    const [first, ...rest] = answers.map(({ step }) => step);
    await using worker = arrangeWorker({
      steps: [first ?? DELIVERED, ...rest],
      // Three quarters are shared, and one app may have half of that.
      inFlight: 13,
    });
    const { time, memory, deliverer, sent } = worker;
    for (let i = 0; i < answers.length; i += 1) memory.enqueue(aPush({ id: `push-${i}`, deadline: LATE }));
    deliverer.start();

    for (const [ended, { answer }] of answers.entries()) {
      // Requeued pushes are due again by then.
      await time.advance(1_000);
      expect(deliverer.inFlight).toBe(Math.min(5, answers.length - ended));
      answer(DELIVERED);
    }
    await time.advance(1_000);

    expect(sent()).toHaveLength(answers.length);
  });

  it("is asked again after a second where the store does not answer", async () => {
    await using worker = arrangeWorker();
    const { time, memory, store, events, deliverer, sent } = worker;
    memory.enqueue(aPush({ id: "one" }));
    store.fail("lease", 2);
    deliverer.start();

    await time.advance(1_999);
    expect(events.log.storeFailed.map(([what]) => what)).toEqual(["lease due pushes", "lease due pushes"]);
    expect(sent()).toEqual([]);
    await time.advance(1);

    expect(sent()).toEqual(["one"]);
  });

  it("is not tried again by a worker that may have lost it, before the store has said that it has not", async () => {
    await using worker = arrangeWorker({ steps: [deferred(9_000), DELIVERED], holdMs: 10_000 });
    const { time, memory, store, deliverer, accept, sent, events } = worker;
    deliverer.start();
    accept({ id: "one", deadline: LATE });
    store.fail("lease", 100);
    store.fail("renew", 8);
    await time.advance(WORKER_LIMITS.leaseMs + 1);
    const [taken] = (await memory.lease({ limit: 1, leaseMs: 60_000 })).leases;

    await time.advance(2 * WORKER_LIMITS.leaseMs);

    expect(taken?.push.id).toBe("one");
    expect(sent()).toEqual(["one"]);
    expect(events.log.leaseLost).toEqual([["one"]]);
  });

  it("gives no push away whose attempt takes longer than its lease", async () => {
    const slow = createHeldAnswer();
    await using worker = arrangeWorker({ steps: [slow.step] });
    const { time, memory, deliverer, accept, sent, stateOf } = worker;
    deliverer.start();
    accept({ id: "one", deadline: LATE });

    await time.advance(5 * WORKER_LIMITS.leaseMs);
    expect((await memory.lease({ limit: 1, leaseMs: 1 })).leases).toEqual([]);
    slow.answer(DELIVERED);
    await time.settle();

    expect(sent()).toEqual(["one"]);
    expect(await stateOf("one")).toBe("delivered");
  });
});
