import { describe, expect, it } from "vitest";
import { createRecordingEvents } from "../../test/support/gateway-doubles.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
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
    await using scene = arrange({ durability: ["Redis keeps no append-only file."] });
    await scene.time.settle();
    expect(scene.alarms.list()).toMatchObject([
      { kind: "store_durability", app: "gateway", detail: "Redis keeps no append-only file." },
    ]);

    scene.become({});
    await scene.time.advance(5_000);

    expect(scene.standing()).toEqual([]);
  });

  it("raises an alarm when the store has lost what was in it", async () => {
    await using scene = arrange();
    await scene.time.settle();
    expect(scene.standing()).toEqual([]);

    scene.become({ lost: "Redis has lost its data." });
    await scene.time.advance(5_000);

    expect(scene.standing()).toEqual(["store_lost_data"]);
  });

  it.each([
    [2_001, "ahead of"],
    [-70_000, "behind"],
  ])("raises an alarm where this machine's clock is %d ms off", async (skewMs, words) => {
    await using scene = arrange({ skewMs });
    await scene.time.settle();

    expect(scene.alarms.list()).toMatchObject([{ kind: "clock_skew", detail: expect.stringContaining(words) }]);

    scene.become({ problems: ["Redis does not answer."] });
    await scene.time.advance(5_000);
    expect(scene.standing()).toEqual(["clock_skew"]);

    scene.become({ skewMs: 1_500 });
    await scene.time.advance(5_000);
    expect(scene.standing()).toEqual([]);
  });
});
