import { describe, expect, it } from "vitest";
import { aDelivery, aTarget } from "../../../test/fixtures/builders.ts";
import { deferred, DELIVERED } from "../../../test/fixtures/gateway-doubles.ts";
import { arrangeWorker, LATE, WORKER_LIMITS } from "../../../test/fixtures/delivery-fixture.ts";
import { createCancelPush } from "./cancel-push.ts";

describe("cancelling a push", () => {
  it("starts no further attempt in this process, though the lease is in hand", async () => {
    await using worker = arrangeWorker({ steps: [deferred(1_500), DELIVERED] });
    const cancel = createCancelPush({ ...worker, abandon: (id) => worker.deliverer.abandon(id) });
    worker.deliverer.start();
    worker.accept({ id: "p1", deadline: LATE });
    await worker.time.advance(1_000);

    const push = await cancel("p1");
    await worker.time.advance(60_000);

    expect(push?.state).toBe("cancelled");
    expect(worker.sent()).toEqual(["p1"]);
  });

  it("stops the other phone of a push that has woken one of them", async () => {
    const [first, second] = [aTarget({ deviceId: "first" }), aTarget({ deviceId: "second" })];
    await using worker = arrangeWorker({ steps: [DELIVERED, deferred(1_500), DELIVERED] });
    const cancel = createCancelPush({ ...worker, abandon: (id) => worker.deliverer.abandon(id) });
    worker.deliverer.start();
    worker.accept({ id: "p1", deadline: LATE, deliveries: [aDelivery(first), aDelivery(second)] });
    await worker.time.advance(1_000);

    const push = await cancel("p1");
    await worker.time.advance(60_000);

    expect(push).toMatchObject({ state: "delivered", deliveries: [{ state: "delivered" }, { state: "cancelled" }] });
    expect(worker.sent()).toEqual(["p1", "p1"]);
  });

  it("is noticed by a worker elsewhere when it renews the lease", async () => {
    // A lease is renewed after between a quarter and half of its time.
    const longWait = WORKER_LIMITS.leaseMs / 2 + 1_000;
    await using worker = arrangeWorker({ steps: [deferred(longWait), DELIVERED], holdMs: 10_000 });
    worker.deliverer.start();
    worker.accept({ id: "p1", deadline: LATE });
    await worker.time.advance(100);

    await worker.memory.cancel({ id: "p1" });
    await worker.time.advance(60_000);

    expect(worker.sent()).toEqual(["p1"]);
  });

  it("says in which state a push is that has ended, and that there is none of another id", async () => {
    await using worker = arrangeWorker();
    const cancel = createCancelPush({ ...worker, abandon: (id) => worker.deliverer.abandon(id) });
    worker.accept({ id: "p1", deadline: LATE });
    await worker.time.settle();

    expect(await cancel("p1")).toMatchObject({ state: "delivered" });
    expect(await cancel("p2")).toBeUndefined();
  });

  it("asks to try again where the store does not answer", async () => {
    await using worker = arrangeWorker();
    const cancel = createCancelPush({ ...worker, abandon: () => undefined });
    worker.store.fail("cancel", 1);

    await expect(cancel("p1")).rejects.toMatchObject({ code: "store_unavailable" });
  });
});
