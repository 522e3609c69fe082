import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createManualClock } from "../../test/fixtures/clocks.ts";
import { StoreClock } from "./store-clock.ts";

const STORE_EPOCH = 1_800_000_000_000;

function arrange({ wallAheadMs = 0 } = {}) {
  const monotonic = createManualClock(1_000);
  let storeAheadMs = 0;
  const trueStoreTime = () => STORE_EPOCH + storeAheadMs + monotonic();
  const clock = new StoreClock({ monotonic, wall: () => trueStoreTime() + wallAheadMs });
  /** Reads the store's time, with these delays on the way there and back. */
  const ask = (thereMs: number, backMs: number) => {
    const askedAt = monotonic();
    monotonic.advance(thereMs);
    const storeTime = Math.floor(trueStoreTime());
    monotonic.advance(backMs);
    const reading = { askedAt, answeredAt: monotonic(), storeTime };
    clock.note(reading);
    return reading;
  };
  const stepStore = (ms: number): void => {
    storeAheadMs += ms;
  };
  return { clock, monotonic, ask, stepStore, trueStoreTime };
}

describe("StoreClock", () => {
  it("is the machine's clock until the store has told its time", () => {
    const { clock, trueStoreTime, ask } = arrange({ wallAheadMs: 70_000 });

    expect(clock.now()).toBe(trueStoreTime() + 70_000);

    ask(2, 2);
    expect(Math.abs(clock.now() - trueStoreTime())).toBeLessThanOrEqual(3);
  });

  it("is within a round trip of the store, however the way there and back are shared", () => {
    const ways = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(ways, (trips) => {
        const { clock, ask, trueStoreTime } = arrange({ wallAheadMs: -70_000 });
        let best = Infinity;
        for (const [there, back] of trips) {
          ask(there, back);
          best = Math.min(best, there + back);
          expect(Math.abs(clock.now() - trueStoreTime())).toBeLessThanOrEqual(best / 2 + 2);
        }
      }),
    );
  });

  it("keeps a good reading when a slow one follows", () => {
    const { clock, ask, trueStoreTime } = arrange();
    ask(1, 1);

    ask(900, 0);

    expect(Math.abs(clock.now() - trueStoreTime())).toBeLessThanOrEqual(2);
  });

  it.each([-7_200_000, 7_200_000])("follows a store whose clock was set by %d ms, with the next answer", (stepMs) => {
    const { clock, ask, stepStore, trueStoreTime } = arrange();
    ask(1, 1);

    stepStore(stepMs);
    ask(20, 20);

    expect(Math.abs(clock.now() - trueStoreTime())).toBeLessThanOrEqual(22);
  });

  it("does not move when the machine's own clock is set", () => {
    const monotonic = createManualClock(0);
    const wall = createManualClock(STORE_EPOCH);
    const clock = new StoreClock({ monotonic, wall });
    clock.note({ askedAt: 0, answeredAt: 0, storeTime: STORE_EPOCH });

    wall.advance(-3_600_000);
    monotonic.advance(1_000);

    expect(clock.now()).toBe(STORE_EPOCH + 1_000);
  });

  it.each([
    [70_000, 69_990, 70_000],
    [-70_000, -70_000, -69_990],
    [0, 0, 0],
  ])("tells how far the machine's own clock is off: %d ms", (wallAheadMs, least, most) => {
    const { clock, ask } = arrange({ wallAheadMs });

    const skewMs = clock.readSkewMs(ask(2, 3)) + 0;

    expect(skewMs).toBeGreaterThanOrEqual(least);
    expect(skewMs).toBeLessThanOrEqual(most);
  });

  it("takes a slow answer for no wrong clock", () => {
    const { clock, ask } = arrange();

    expect(Math.abs(clock.readSkewMs(ask(9_000, 0)))).toBeLessThan(1);
  });
});
