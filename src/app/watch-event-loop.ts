import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Alarms } from "../gateway/alarms.ts";

export interface WatchEventLoopDeps {
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  /** Returns the event loop's longest delay since the last reading, in milliseconds; Node's own measure by default. */
  readonly readDelayMs?: () => number;
}

const EVERY_MS = 1_000;
/** No accepted input takes a twentieth of this time. */
const LATE_MS = 1_000;
/** Number of readings without delay after which the alarm is cleared. */
const CALM_READINGS = 60;
const RESOLUTION_MS = 20;

/** Raises an alarm when the event loop, and with it every request and push, was blocked for more than a second. */
export function watchEventLoop({ alarms, readDelayMs = createReadDelay() }: WatchEventLoopDeps): Disposable {
  let calm = CALM_READINGS;
  const read = (): void => {
    const delayMs = readDelayMs();
    if (delayMs > LATE_MS) {
      calm = 0;
      alarms.raise("event_loop_late", "gateway", describeDelay(delayMs));
      return;
    }
    calm += 1;
    if (calm === CALM_READINGS) alarms.clear("event_loop_late", "gateway");
  };
  const timer = setInterval(read, EVERY_MS).unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

function createReadDelay(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return () => {
    const ms = histogram.max / 1e6;
    histogram.reset();
    return ms;
  };
}

function describeDelay(delayMs: number): string {
  const seconds = (delayMs / 1_000).toFixed(1);
  return (
    `The gateway stood still for ${seconds} s: nothing was accepted or sent meanwhile. Look whether the machine was suspended or has too ` +
    "little processor time, and whether the disk of the store is slow; if it was neither, report it with the log of that time."
  );
}
