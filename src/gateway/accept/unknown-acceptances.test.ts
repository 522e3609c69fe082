import { expect, it } from "vitest";
import { createRecordingEvents } from "../../../test/support/gateway-doubles.ts";
import { MemoryPushStore } from "../../../test/support/memory-push-store.ts";
import { ACCEPTED_AT, aPush } from "../../../test/support/push-builders.ts";
import { createVirtualTime } from "../../../test/support/virtual-time.ts";
import { UnknownAcceptances } from "./unknown-acceptances.ts";

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
  const unknown = new UnknownAcceptances({ store: { get }, events, steady: time.clock, sleep: time.sleep });
  const setAway = (away: boolean) => (isAway = away);
  return { time, memory, events, asked, unknown, setAway, lose: (id: string) => lost.add(id) };
}

it("reports a push that the store has after all as accepted, once, with the door that it came through", async () => {
  const { time, memory, events, unknown } = arrange();
  memory.enqueue(aPush({ id: "stored" }));
  await using _open = unknown;

  unknown.note("stored", "sipwise");
  await time.advance(60_000);

  expect(events.log.accepted).toMatchObject([[{ id: "stored" }, "sipwise"]]);
});

it("asks until the store answers", async () => {
  const { time, memory, events, unknown, setAway } = arrange();
  memory.enqueue(aPush({ id: "stored" }));
  await using _open = unknown;
  setAway(true);

  unknown.note("stored", "v1");
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

  unknown.note("on the old master", "v1");
  await time.advance(5_000);
  lose("on the old master");
  await time.advance(60_000);

  expect(events.log.accepted).toEqual([]);
});

it("reports what has ended at once", async () => {
  const { time, memory, events, unknown } = arrange();
  memory.enqueue(aPush({ id: "ended", state: "delivered" }));
  await using _open = unknown;

  unknown.note("ended", "v1");
  await time.advance(1_000);

  expect(events.log.accepted).toHaveLength(1);
});

it("gives what may still be on its way to the store the time to arrive", async () => {
  const { time, memory, events, unknown } = arrange();
  await using _open = unknown;

  unknown.note("late", "v1");
  await time.advance(5_000);
  memory.enqueue(aPush({ id: "late" }));
  await time.advance(5_000);

  expect(events.log.accepted).toHaveLength(1);
});

it("forgets what never arrives, and does not report what was not accepted", async () => {
  const { time, memory, events, asked, unknown } = arrange();
  memory.enqueue(aPush({ id: "unwanted", state: "suppressed" }));
  await using _open = unknown;

  unknown.note("never", "v1");
  unknown.note("unwanted", "v1");
  await time.advance(20_000);
  const count = asked.length;
  await time.advance(60_000);

  expect(events.names).toEqual([]);
  expect(asked).toHaveLength(count);
  expect(time.sleepers).toBe(0);
});

it("stops at once", async () => {
  const { time, unknown } = arrange();
  unknown.note("open", "v1");

  await unknown[Symbol.asyncDispose]();

  expect(time.sleepers).toBe(0);
});
