import { GatewayError } from "./errors.ts";
import { PacedPolls } from "./paced-polls.ts";
import type { Sleep } from "./sleep.ts";

export interface Wait<Value> {
  /** The settled value, or its state when the wait ends; undefined if it does not exist. */
  readonly outcome: Promise<Value | undefined>;
  /** Ends the wait early. */
  readonly end: () => void;
}

export interface Waits<Key, Value> extends AsyncDisposable {
  /**
   * Waits for at most `waitMs`. The outcome rejects if the store cannot even report the state at the end, and when the
   * gateway stops.
   */
  begin(key: Key, waitMs: number): Wait<Value>;
  /** Polls for a key that may have settled. */
  wake(key: Key): void;
  /** Number of current waits. */
  readonly size: number;
}

export interface WaitsDeps<Key, Value> {
  readonly nameOf: (key: Key) => string;
  /** First poll of a wait, in which a store may note that the value is awaited. `look` by default. */
  readonly firstLook?: (key: Key) => Promise<Value | undefined>;
  readonly look: (key: Key) => Promise<Value | undefined>;
  readonly isSettled: (value: Value) => boolean;
  readonly sleep: Sleep;
  /** Error message for waits when the gateway stops. */
  readonly stopping: string;
}

/** Polling interval, which finds changes whose notification was lost while the store was away. */
const LOOK_MS = 2_000;
/** Limit of polls per second. With more waits, each is polled less often, so that they do not keep the store busy. */
const LOOKS_PER_SECOND = 200;
const TICK_MS = 100;

/**
 * Creates waits for values in the store to settle. A wait polls when it begins, when its value changes and when it
 * ends, and sometimes in between; the latter polls are spread over time.
 */
export function createWaits<Key, Value>(deps: WaitsDeps<Key, Value>): Waits<Key, Value> {
  const { nameOf, isSettled, sleep, firstLook = deps.look } = deps;
  const stop = new AbortController();
  const ears = new Ears();
  const looks = new PacedPolls<Value | undefined>();
  const rounds = lookNowAndThen();

  async function lookNowAndThen(): Promise<void> {
    let credit = 0;
    while (!stop.signal.aborted) {
      await sleep(TICK_MS, stop.signal);
      const everyMs = Math.max(LOOK_MS, (ears.size * 1_000) / LOOKS_PER_SECOND);
      credit = ears.size === 0 ? 0 : credit + ears.size * TICK_MS;
      const count = Math.floor(credit / everyMs);
      credit -= count * everyMs;
      for (const name of ears.takeTurns(count)) ears.wake(name);
    }
  }

  return {
    get size() {
      return ears.size;
    },
    wake: (key) => ears.wake(nameOf(key)),
    begin(key, waitMs) {
      const { promise: outcome, resolve, reject } = Promise.withResolvers<Value | undefined>();
      const name = nameOf(key);
      let isOver = false;
      const look = (ask = deps.look): void => {
        if (stop.signal.aborted) {
          reject(new GatewayError("shutting_down", deps.stopping, { retryAfterSeconds: 1 }));
          return;
        }
        looks
          .ask(name, () => ask(key))
          .then(
            (value) => (value === undefined || isSettled(value) || isOver ? resolve(value) : undefined),
            // The store may have recovered by the next poll.
            (error: unknown) => (isOver ? reject(error) : undefined),
          );
      };
      const end = (): void => {
        isOver = true;
        look();
      };
      // Subscribes before the first poll, so that no change is missed.
      const listening = ears.open(name, look);
      const timer = setTimeout(end, waitMs);
      const finish = (): void => {
        clearTimeout(timer);
        listening[Symbol.dispose]();
      };
      outcome.then(finish, finish);
      look(firstLook);
      return { outcome, end };
    },
    /** Ends all waits. */
    async [Symbol.asyncDispose]() {
      stop.abort();
      ears.wakeAll();
      await rounds;
    },
  };
}

/** Listeners by name. */
class Ears {
  readonly #byName = new Map<string, Set<() => void>>();
  size = 0;

  open(name: string, look: () => void): Disposable {
    const ofName = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, ofName.add(look));
    this.size += 1;
    return {
      [Symbol.dispose]: () => {
        this.size -= 1;
        ofName.delete(look);
        if (ofName.size === 0) this.#byName.delete(name);
      },
    };
  }

  wake(name: string): void {
    for (const look of this.#byName.get(name) ?? []) look();
  }

  wakeAll(): void {
    for (const ofName of this.#byName.values()) for (const look of ofName) look();
  }

  /** Returns the names that were polled longest ago. */
  takeTurns(count: number): readonly string[] {
    const names: string[] = [];
    for (const name of this.#byName.keys()) {
      if (names.length >= count) break;
      names.push(name);
    }
    for (const name of names) {
      const ofName = this.#byName.get(name);
      this.#byName.delete(name);
      if (ofName !== undefined) this.#byName.set(name, ofName);
    }
    return names;
  }
}
