import type { Clock } from "../../src/gateway/clock.ts";
import type { Sleep } from "../../src/gateway/sleep.ts";

/** A clock with a matching sleep: `advance` wakes sleepers in order when it passes their time. */
export interface VirtualTime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Number of current sleepers. A disposed worker leaves none. */
  readonly sleepers: number;
  advance(ms: number): Promise<void>;
  /** Runs everything that needs no time to pass. */
  settle(): Promise<void>;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** One turn completes every promise chain. A few allow for code that itself waits a turn, as Settlement does. */
const TURNS = 5;

export function createVirtualTime(start = 1_800_000_000_000): VirtualTime {
  let now = start;
  const asleep = new Set<Sleeper>();

  const sleep: Sleep = (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) return resolve();
      const sleeper = { wakeAt: now + ms, wake };
      function wake(): void {
        asleep.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      }
      asleep.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
    });

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  const advance = async (ms: number): Promise<void> => {
    const end = now + ms;
    await settle();
    for (let next = firstOf(asleep); next !== undefined && next.wakeAt <= end; next = firstOf(asleep)) {
      now = Math.max(now, next.wakeAt);
      next.wake();
      await settle();
    }
    now = end;
  };

  return {
    clock: () => now,
    sleep,
    get sleepers() {
      return asleep.size;
    },
    advance,
    settle,
  };
}

function firstOf(asleep: ReadonlySet<Sleeper>): Sleeper | undefined {
  return [...asleep].toSorted((a, b) => a.wakeAt - b.wakeAt)[0];
}
