import { expect, it } from "vitest";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import { MemoryPushStore } from "../../test/fixtures/memory-push-store.ts";
import { ACCEPTED_AT, aPush } from "../../test/fixtures/builders.ts";
import { createVirtualTime } from "../../test/fixtures/clocks.ts";
import { maintainStore } from "./maintain-store.ts";

it("wakes pushes that a clock has put to sleep, when it starts and while it runs", async () => {
  const time = createVirtualTime(ACCEPTED_AT);
  const events = createRecordingEvents();
  const store = new MemoryPushStore({ clock: time.clock });
  store.enqueue(aPush({ id: "before" }), ACCEPTED_AT + 7_200_000);
  await using _tending = maintainStore({
    store,
    calls: { forgetCalls: async () => 0 },
    events,
    sleep: time.sleep,
    retentionMs: 3_600_000,
    longestPauses: () => ({ leaseMs: 4_000, retryMs: 3_600_000 }),
  });
  await time.settle();
  expect(events.log.oversleepersWoken).toEqual([[1]]);

  store.enqueue(aPush({ id: "since" }), time.clock() + 7_200_000);
  await time.advance(64_000);

  expect(events.log.oversleepersWoken).toEqual([[1], [1]]);
  const { leases } = await store.lease({ limit: 10, leaseMs: 4_000 });
  expect(leases.map(({ push }) => push.id).toSorted()).toEqual(["before", "since"]);
});
