import { describe, expect, it } from "vitest";
import { createManualClock } from "../../test/fixtures/clocks.ts";
import { createSteadyClock } from "./steady-clock.ts";

describe("createSteadyClock", () => {
  it("goes on when the wall clock is set back", () => {
    const [monotonic, wall] = [createManualClock(0), createManualClock()];
    const steady = createSteadyClock(monotonic, wall);
    const before = steady();

    wall.advance(-3_600_000);
    monotonic.advance(50);

    expect(steady() - before).toBe(50);
  });

  it("counts the time for which the machine was suspended, which the monotonic clock does not", () => {
    const [monotonic, wall] = [createManualClock(0), createManualClock()];
    const steady = createSteadyClock(monotonic, wall);
    const before = steady();

    wall.advance(60_000);
    monotonic.advance(10);

    expect(steady() - before).toBe(60_000);
  });
});
