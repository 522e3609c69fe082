import { describe, expect, it } from "vitest";
import { createManualClock } from "../../test/fixtures/clocks.ts";
import { createTokenWatch } from "./token-burst.ts";

function arrange() {
  const clock = createManualClock();
  const watch = createTokenWatch();
  let tokens = 0;
  const take = (count: number): void => {
    for (let i = 0; i < count; i += 1) watch.note(`taken ${(tokens += 1)}`, undefined, clock());
  };
  const refuse = (count: number, reason = "Unregistered"): void => {
    for (let i = 0; i < count; i += 1) watch.note(`refused ${(tokens += 1)}`, reason, clock());
  };
  const isCalm = (): boolean => watch.burst(clock()) === undefined;
  return { clock, watch, take, refuse, isCalm };
}

describe("many dead tokens at once", () => {
  it.each([
    [9, 0, true],
    [10, 0, false],
    [10, 10, false],
    [10, 11, true],
    [19, 40, true],
    [20, 46, false],
    [20, 47, true],
    [400, 1_000, true],
  ])("%i of them beside %i that are taken: calm is %s", (refused, taken, calm) => {
    const { take, refuse, isCalm } = arrange();

    take(taken);
    refuse(refused);

    expect(isCalm()).toBe(calm);
  });

  it("are no burst where it is one token again and again", () => {
    const { clock, watch, isCalm } = arrange();

    for (let i = 0; i < 1_000; i += 1) watch.note("one", "BadDeviceToken", clock());

    expect(isCalm()).toBe(true);
  });

  it("are no burst where they come over minutes, as phones go", () => {
    const { clock, refuse, isCalm } = arrange();

    for (let i = 0; i < 100; i += 1) {
      refuse(1);
      clock.advance(7_000);
    }

    expect(isCalm()).toBe(true);
  });

  it("tell which words they came with, the most frequent first", () => {
    const { clock, watch, refuse } = arrange();

    refuse(3, "Unregistered");
    refuse(9, "BadDeviceToken");

    expect(watch.burst(clock())).toEqual({ reasons: ["BadDeviceToken", "Unregistered"] });
  });

  it("stay a burst until a minute has passed without more of it", () => {
    const { clock, take, refuse, isCalm } = arrange();
    refuse(10);
    clock.advance(30_000);
    take(1_000);
    refuse(1);
    expect(isCalm()).toBe(false);

    clock.advance(30_000);
    expect(isCalm()).toBe(false);
    clock.advance(1);

    expect(isCalm()).toBe(true);
  });
});
