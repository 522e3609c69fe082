import { expect, it } from "vitest";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryPushStore } from "../../../test/fixtures/memory-push-store.ts";
import { ACCEPTED_AT, aPush } from "../../../test/fixtures/builders.ts";
import { createVirtualTime } from "../../../test/fixtures/clocks.ts";
import type { Lease } from "../push-store.ts";
import { UnknownAcceptances } from "./unknown-acceptances.ts";

const LEASE_MS = 4_000;

function accepted(id: string) {
  return { id, leaseToken: `first lease of ${id}` };
}

function arrange() {
  const time = createVirtualTime(ACCEPTED_AT);
  const memory = new MemoryPushStore({ clock: time.clock });
  const events = createRecordingEvents();
  const asked: string[] = [];
  const lost = new Set<string>();
  let isAway = false;
  const get = async (id: string) => {
    asked.push(id);
    if (isAway) throw new Error("the store is out of reach");
    return lost.has(id) ? undefined : memory.get(id);
  };
  const delivered: { readonly lease: Lease; readonly askedAt: number }[] = [];
  let renewalsToFail = 0;
  const renew: typeof memory.renew = async (...args) => {
    if (renewalsToFail === 0) return memory.renew(...args);
    renewalsToFail -= 1;
    return { kept: new Set(), lost: new Set(), failure: new Error("the shard is out of reach") };
  };
  const unknown = new UnknownAcceptances({
    store: { get, renew },
    deliver: (lease, askedAt) => delivered.push({ lease, askedAt }),
    events,
    clock: time.clock,
    steady: time.clock,
    sleep: time.sleep,
    leaseMs: LEASE_MS,
  });
  const failRenewals = (count: number) => (renewalsToFail = count);
  const setAway = (away: boolean) => (isAway = away);
  return { time, memory, events, asked, delivered, unknown, setAway, failRenewals, lose: (id: string) => lost.add(id) };
}

it("reports a push that the store has after all as accepted, once, with the door that it came through", async () => {
  const { time, memory, events, unknown } = arrange();
  memory.enqueue(aPush({ id: "stored" }));
  await using _open = unknown;

  unknown.note(accepted("stored"), "sipwise");
  await time.advance(60_000);

  expect(events.log.accepted).toMatchObject([[{ id: "stored" }, "sipwise"]]);
});

it("asks until the store answers", async () => {
  const { time, memory, events, unknown, setAway } = arrange();
  memory.enqueue(aPush({ id: "stored" }));
  await using _open = unknown;
  setAway(true);

  unknown.note(accepted("stored"), "v1");
  await time.advance(30_000);
  expect(events.log.accepted).toEqual([]);
  expect(events.log.storeFailed.length).toBeGreaterThan(1);
  setAway(false);
  await time.advance(1_000);

  expect(events.log.accepted).toHaveLength(1);
});

it("reports nothing that a master had which has been replaced meanwhile", async () => {
  const { time, memory, events, unknown, lose } = arrange();
  memory.enqueue(aPush({ id: "on the old master" }));
  await using _open = unknown;

  unknown.note(accepted("on the old master"), "v1");
  await time.advance(5_000);
  lose("on the old master");
  await time.advance(60_000);

  expect(events.log.accepted).toEqual([]);
});

it("reports what has ended at once", async () => {
  const { time, memory, events, unknown } = arrange();
  memory.enqueue(aPush({ id: "ended", state: "delivered" }));
  await using _open = unknown;

  unknown.note(accepted("ended"), "v1");
  await time.advance(1_000);

  expect(events.log.accepted).toHaveLength(1);
});

it("gives what may still be on its way to the store the time to arrive", async () => {
  const { time, memory, events, unknown } = arrange();
  await using _open = unknown;

  unknown.note(accepted("late"), "v1");
  await time.advance(5_000);
  memory.enqueue(aPush({ id: "late" }));
  await time.advance(5_000);

  expect(events.log.accepted).toHaveLength(1);
});

it("forgets what never arrives, and does not report what was not accepted", async () => {
  const { time, memory, events, asked, unknown } = arrange();
  memory.enqueue(aPush({ id: "unwanted", state: "suppressed" }));
  await using _open = unknown;

  unknown.note(accepted("never"), "v1");
  unknown.note(accepted("unwanted"), "v1");
  await time.advance(20_000);
  const count = asked.length;
  await time.advance(60_000);

  expect(events.names).toEqual([]);
  expect(asked).toHaveLength(count);
  expect(time.sleepers).toBe(0);
});

it("takes up a push that is pending and still leased for its acceptance, once and before the lease has run out", async () => {
  const { time, memory, delivered, unknown } = arrange();
  const { id, leaseToken } = accepted("stored");
  memory.enqueueLeased(aPush({ id }), LEASE_MS, leaseToken);
  await using _open = unknown;

  unknown.note({ id, leaseToken }, "v1");
  await time.advance(1_000);

  expect(delivered).toEqual([
    {
      lease: { push: aPush({ id }), token: leaseToken, endsAt: ACCEPTED_AT + 500 + LEASE_MS },
      askedAt: ACCEPTED_AT + 500,
    },
  ]);
  await time.advance(60_000);
  expect(delivered).toHaveLength(1);
});

it("leaves a push alone that somebody else has leased since", async () => {
  const { time, memory, events, delivered, unknown } = arrange();
  memory.enqueueLeased(aPush({ id: "taken over" }), LEASE_MS, "another gateway's lease");
  await using _open = unknown;

  unknown.note(accepted("taken over"), "v1");
  await time.advance(60_000);

  expect(delivered).toEqual([]);
  expect(events.log.accepted).toHaveLength(1);
});

it("asks again if the store cannot say whether the lease holds", async () => {
  const { time, memory, delivered, unknown, failRenewals } = arrange();
  const { id, leaseToken } = accepted("stored");
  memory.enqueueLeased(aPush({ id }), LEASE_MS, leaseToken);
  failRenewals(2);
  await using _open = unknown;

  unknown.note({ id, leaseToken }, "v1");
  await time.advance(1_000);
  expect(delivered).toEqual([]);
  await time.advance(500);

  expect(delivered).toHaveLength(1);
});

it("stops at once", async () => {
  const { time, unknown } = arrange();
  unknown.note(accepted("open"), "v1");

  await unknown[Symbol.asyncDispose]();

  expect(time.sleepers).toBe(0);
});
