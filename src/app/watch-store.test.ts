import { describe, expect, it } from "vitest";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import { createVirtualTime } from "../../test/fixtures/clocks.ts";
import { createAlarms } from "../gateway/alarms.ts";
import type { StoreHealth } from "./open-stores.ts";
import { watchStore } from "./watch-store.ts";

const HEALTHY: StoreHealth = { problems: [], degraded: [], durability: [] };

function arrange(first: Partial<StoreHealth> = {}) {
  const time = createVirtualTime();
  const events = createRecordingEvents();
  const alarms = createAlarms({ events, clock: time.clock });
  let health: StoreHealth = { ...HEALTHY, ...first };
  const watch = watchStore({ stores: { inspect: async () => health }, alarms, events, sleep: time.sleep });
  const become = (next: Partial<StoreHealth>): void => void (health = { ...HEALTHY, ...next });
  const standing = () => alarms.list().map(({ kind }) => kind);
  return { [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](), time, alarms, become, standing };
}

describe("watchStore", () => {
  it("raises an alarm while the store does not keep what it promises, and looks again by itself", async () => {
    await using fixture = arrange({ durability: ["Redis keeps no append-only file."] });
    await fixture.time.settle();
    expect(fixture.alarms.list()).toMatchObject([
      { kind: "store_durability", app: "gateway", detail: "Redis keeps no append-only file." },
    ]);

    fixture.become({});
    await fixture.time.advance(5_000);

    expect(fixture.standing()).toEqual([]);
  });

  it("raises an alarm when the store has lost what was in it", async () => {
    await using fixture = arrange();
    await fixture.time.settle();
    expect(fixture.standing()).toEqual([]);

    fixture.become({ lost: "Redis has lost its data." });
    await fixture.time.advance(5_000);

    expect(fixture.standing()).toEqual(["store_lost_data"]);
  });

  it.each([
    [2_001, "ahead of"],
    [-70_000, "behind"],
  ])("raises an alarm where this machine's clock is %d ms off", async (skewMs, words) => {
    await using fixture = arrange({ skewMs });
    await fixture.time.settle();

    expect(fixture.alarms.list()).toMatchObject([{ kind: "clock_skew", detail: expect.stringContaining(words) }]);

    fixture.become({ problems: ["Redis does not answer."] });
    await fixture.time.advance(5_000);
    expect(fixture.standing()).toEqual(["clock_skew"]);

    fixture.become({ skewMs: 1_500 });
    await fixture.time.advance(5_000);
    expect(fixture.standing()).toEqual([]);
  });
});
