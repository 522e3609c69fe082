import { describe, expect, it } from "vitest";
import { createHeldAnswer, deferred, DELIVERED } from "../../../test/fixtures/gateway-doubles.ts";
import { arrangeWorker, LATE } from "../../../test/fixtures/delivery-fixture.ts";

const LEASE_MS = 4_000;
const LIMITS = { leaseMs: LEASE_MS, pollMs: 500 };
/** More attempts than any of these outages takes. */
const ALL = 100;

describe("a push that comes back from the queue while it is worked on here, as after an outage of the store", () => {
  it("is not sent again where its phone has it: that is written down under the new lease", async () => {
    await using worker = arrangeWorker({ limits: LIMITS });
    const { time, store, deliverer, accept, stateOf, sent, events } = worker;
    // Nothing can be written until the lease has expired. Then the queue is polled first.
    store.fail("settle", 7);
    store.fail("renew", ALL);
    accept({ id: "one", deadline: LATE });
    await time.settle();
    deliverer.start();

    await time.advance(3 * LEASE_MS);

    expect(await stateOf("one")).toBe("delivered");
    expect(sent()).toEqual(["one"]);
    expect(events.log.leaseLost).toEqual([]);
    expect(new Set(store.settled.map(({ lease }) => lease.token)).size).toBe(2);
  });

  it("is not sent again while the answer to its attempt is awaited", async () => {
    const answer = createHeldAnswer();
    await using worker = arrangeWorker({ steps: [answer.step], limits: LIMITS });
    const { time, store, deliverer, accept, stateOf, sent } = worker;
    store.fail("renew", ALL);
    accept({ id: "one", deadline: LATE });
    await time.settle();
    deliverer.start();
    await time.advance(2 * LEASE_MS);

    answer.answer(DELIVERED);
    await time.settle();

    expect(await stateOf("one")).toBe("delivered");
    expect(sent()).toEqual(["one"]);
    expect(deliverer.inFlight).toBe(0);
  });

  it("does not lose its new lease to the answer of a settlement under the old one", async () => {
    await using worker = arrangeWorker({ limits: LIMITS });
    const { time, store, deliverer, accept, stateOf, sent, events } = worker;
    store.fail("renew", ALL);
    const line = store.hold("settle");
    accept({ id: "one", deadline: LATE });
    await time.settle();
    deliverer.start();
    await time.advance(LEASE_MS + LIMITS.pollMs);

    line.release();
    await time.settle();

    expect(await stateOf("one")).toBe("delivered");
    expect(sent()).toEqual(["one"]);
    expect(events.log.leaseLost).toEqual([]);
  });

  it("is new work where it was handed back", async () => {
    await using worker = arrangeWorker({ steps: [deferred(1_000), DELIVERED], limits: LIMITS, holdMs: 500 });
    const { time, deliverer, accept, stateOf, sent } = worker;
    deliverer.start();
    await time.settle();

    accept({ id: "one", deadline: LATE });
    await time.advance(2_000);

    expect(await stateOf("one")).toBe("delivered");
    expect(sent()).toEqual(["one", "one"]);
  });

  it("is new work where it was handed back and the answer to that is late", async () => {
    await using worker = arrangeWorker({ steps: [deferred(600), DELIVERED], limits: LIMITS, holdMs: 500 });
    const { time, store, deliverer, accept, stateOf, sent } = worker;
    // The push is due before the first renewal, which would report the lost lease.
    const handingBack = store.delayAnswer("settle");
    accept({ id: "one", deadline: LATE });
    await time.settle();
    deliverer.start();

    await time.advance(900);
    const sentByThen = sent();
    handingBack.release();
    await time.settle();

    expect(sentByThen).toEqual(["one", "one"]);
    expect(await stateOf("one")).toBe("delivered");
  });
});
