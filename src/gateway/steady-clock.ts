import type { Clock } from "./clock.ts";

/**
 * Milliseconds that never go back, for measuring durations; their absolute value has no meaning. Between two readings
 * it advances by the larger step of the machine's two clocks: the monotonic one misses a suspension of the machine, and
 * the wall clock may be set back. A duration may thus be overestimated, for instance when the wall clock is set
 * forward, but never underestimated.
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
