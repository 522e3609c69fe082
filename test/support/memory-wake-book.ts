import type { Clock } from "../../src/gateway/clock.ts";
import type { NewWake, TakenWake, TakeWakes, Wake, WakeBook } from "../../src/gateway/wake-book.ts";

/** An in-memory WakeBook for tests of its users. */
export class MemoryWakeBook implements WakeBook {
  readonly #clock: Clock;
  readonly #due = new Map<string, { readonly wake: Wake; dueAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#due.size;
  }

  async plan({ subscriber, deviceId, afterMs }: NewWake): Promise<void> {
    const wake = { subscriber, deviceId };
    this.#due.set(nameOf(wake), { wake, dueAt: this.#clock() + afterMs });
  }

  async cancel(wake: Wake): Promise<void> {
    this.#due.delete(nameOf(wake));
  }

  async takeDue({ limit, againMs }: TakeWakes): Promise<readonly TakenWake[]> {
    const now = this.#clock();
    const due = [...this.#due.values()].filter(({ dueAt }) => dueAt <= now).toSorted((a, b) => a.dueAt - b.dueAt);
    return due.slice(0, limit).map((entry) => {
      const taken = { ...entry.wake, lateMs: now - entry.dueAt, againAt: now + againMs };
      entry.dueAt = taken.againAt;
      return taken;
    });
  }

  async finish(taken: TakenWake): Promise<void> {
    if (this.#due.get(nameOf(taken))?.dueAt === taken.againAt) this.#due.delete(nameOf(taken));
  }
}

function nameOf({ subscriber, deviceId }: Wake): string {
  return JSON.stringify([subscriber, deviceId]);
}
