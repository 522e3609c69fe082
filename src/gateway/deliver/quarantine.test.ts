import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createRecordingEvents, untilCalledOff } from "../../../test/fixtures/gateway-doubles.ts";
import { aPush } from "../../../test/fixtures/builders.ts";
import { LATE, arrangeWorker } from "../../../test/fixtures/delivery-fixture.ts";
import type { Lease, Suspicion } from "../push-store.ts";
import { Quarantine } from "./quarantine.ts";

const leaseOf = (id: string, loneDeaths?: number): Lease => ({
  push: aPush({ id }),
  token: `token of ${id}`,
  endsAt: LATE,
  ...(loneDeaths === undefined ? {} : { loneDeaths }),
});

function arrange() {
  const log: string[] = [];
  const answers: (() => void)[] = [];
  let isSlow = false;
  const noteSuspicion = async ({ push }: Lease, { isAlone }: Suspicion) => {
    log.push(`${push.id} ${isAlone ? "alone" : "survived"}`);
    if (isSlow) await new Promise<void>((resolve) => answers.push(resolve));
  };
  const quarantine = new Quarantine({ store: { noteSuspicion }, events: createRecordingEvents() });
  const build = (lease: Lease) => quarantine.turnOf({ lease }).run(() => log.push(`${lease.push.id} built`));
  return { log, build, answers, slowDown: () => (isSlow = true) };
}

/** Pauses that end when the test says so. */
function manualPauses() {
  const pauses: (() => void)[] = [];
  return { pauses, pauseFor: () => new Promise<void>((resolve) => pauses.push(resolve)) };
}

describe("the quarantine", () => {
  it("lets a push that nobody suspects be built at once, without a word to the store", async () => {
    const { log, build } = arrange();

    await build(leaseOf("one"));

    expect(log).toEqual(["one built"]);
  });

  it("tells the store before and after a suspect is built, and builds one suspect at a time", async () => {
    const { log, build } = arrange();

    await Promise.all([build(leaseOf("one", 0)), build(leaseOf("two", 1))]);

    expect(log).toEqual(["one alone", "one built", "one survived", "two alone", "two built", "two survived"]);
  });

  it("builds nothing else from the word before to the answer to the word after", async () => {
    const { log, build, answers, slowDown } = arrange();
    slowDown();

    const work = [build(leaseOf("suspect", 0))];
    await setImmediate();
    await setImmediate();
    work.push(build(leaseOf("fresh")));
    answers.shift()?.();
    await setImmediate();
    expect(log).toEqual(["suspect alone", "suspect built", "suspect survived"]);
    answers.shift()?.();
    await Promise.all(work);

    expect(log.at(-1)).toBe("fresh built");
  });

  it("lets fresh pushes through between two suspects", async () => {
    const { log, build } = arrange();

    const suspects = [build(leaseOf("one", 0)), build(leaseOf("two", 0))];
    await setImmediate();
    await Promise.all([...suspects, build(leaseOf("fresh"))]);

    expect(log.indexOf("fresh built")).toBeLessThan(log.indexOf("two alone"));
  });

  it("goes on when a build throws, and when the store does not answer", async () => {
    const events = createRecordingEvents();
    const store = { noteSuspicion: () => Promise.reject(new Error("away")) };
    const quarantine = new Quarantine({ store, events });
    const turn = quarantine.turnOf({ lease: leaseOf("one", 0) });

    await expect(
      turn.run(() => {
        throw new Error("cannot be built");
      }),
    ).rejects.toThrow("cannot be built");

    expect(await turn.run(() => "built")).toBe("built");
  });

  it("takes earlier deaths back from a suspect that survives", async () => {
    const notes: Suspicion[] = [];
    const store = { noteSuspicion: async (_lease: Lease, suspicion: Suspicion) => void notes.push(suspicion) };
    const turn = new Quarantine({ store, events: createRecordingEvents() }).turnOf({ lease: leaseOf("hit", 2) });

    await turn.run(() => "built");
    await turn.run(() => "built once more");

    expect(notes).toEqual([
      { isAlone: true, loneDeaths: 2 },
      { isAlone: false, loneDeaths: 0 },
      { isAlone: true, loneDeaths: 0 },
      { isAlone: false, loneDeaths: 0 },
    ]);
  });

  it("repeats that a suspect survived until the store takes it", async () => {
    const notes: boolean[] = [];
    const answers = [true, false, false, true];
    const store = {
      noteSuspicion: async (_lease: Lease, { isAlone }: Suspicion) => {
        notes.push(isAlone);
        if (answers.shift() === false) throw new Error("away");
      },
    };
    const { pauses, pauseFor } = manualPauses();
    const quarantine = new Quarantine({ store, events: createRecordingEvents() }, pauseFor);

    await quarantine.turnOf({ lease: leaseOf("innocent", 2) }).run(() => "built");
    for (let round = 0; round < 4; round += 1) {
      for (const end of pauses.splice(0)) end();
      await setImmediate();
    }

    expect(notes).toEqual([true, false, false, false]);
    expect(pauses).toEqual([]);
  });

  it("lets other pushes go on while the store is slow to answer about a suspect", async () => {
    const { pauses, pauseFor } = manualPauses();
    const never = new Promise<void>(() => {});
    const quarantine = new Quarantine(
      { store: { noteSuspicion: () => never }, events: createRecordingEvents() },
      pauseFor,
    );
    void quarantine.turnOf({ lease: leaseOf("suspect", 0) }).run(() => "built");
    await setImmediate();
    await setImmediate();

    const fresh = quarantine.turnOf({ lease: leaseOf("fresh") }).run(() => "built");
    for (const end of pauses.splice(0)) end();

    expect(await fresh).toBe("built");
  });
});

describe("a worker", () => {
  it("ends a push as poison, unsent, that three of its gateways have died of alone", async () => {
    await using worker = arrangeWorker();
    const { memory, deliverer, time, sent, stateOf, events } = worker;
    const lease = { ...memory.enqueueLeased(aPush({ id: "poison" }), 8_000), loneDeaths: 3 };

    deliverer.deliver(lease, time.clock());
    await time.settle();

    expect(sent()).toEqual([]);
    expect(await stateOf("poison")).toBe("failed");
    expect((await memory.get("poison"))?.deliveries).toMatchObject([{ state: "failed", reason: "poison" }]);
    expect(events.log.unexpected).toEqual([]);
  });

  it("still sends one that two have died of", async () => {
    await using worker = arrangeWorker();
    const { memory, deliverer, time, stateOf } = worker;

    deliverer.deliver({ ...memory.enqueueLeased(aPush({ id: "two" }), 8_000), loneDeaths: 2 }, time.clock());
    await time.settle();

    expect(await stateOf("two")).toBe("delivered");
  });

  it("acquits what it works on itself and finds in the queue again", async () => {
    await using worker = arrangeWorker({
      steps: [untilCalledOff],
      limits: { leaseMs: 1_000, pollMs: 500 },
    });
    const { store, deliverer, accept, time } = worker;
    accept({ id: "held", deadline: LATE });
    store.fail("renew", 20);
    deliverer.start();

    await time.advance(3_000);

    expect(store.trips).toContain("noteSuspicion");
  });
});
