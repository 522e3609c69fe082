import type { Clock } from "./clock.ts";

/**
 * Milliseconds that only ever grow, for durations; they have no meaning by themselves. It advances by whichever of the two clocks of the
 * machine has advanced further since the last reading: the monotonic one does not see that a machine was suspended, and the wall clock may
 * be set back. So a duration may be overestimated, for instance when the wall clock is set forward, and is never underestimated.
 */
export function createSteadyClock(monotonic: Clock = () => performance.now(), wall: Clock = Date.now): Clock {
  let lastMonotonic = monotonic();
  let lastWall = wall();
  let now = lastMonotonic;
  return () => {
    const nextMonotonic = monotonic();
    const nextWall = wall();
    now += Math.max(nextMonotonic - lastMonotonic, nextWall - lastWall, 0);
    lastMonotonic = nextMonotonic;
    lastWall = nextWall;
    return now;
  };
}
