import { GatewayError } from "./errors.ts";
import { PacedLooks } from "./paced-looks.ts";
import type { Sleep } from "./sleep.ts";

export interface Wait<Value> {
  /** What is waited for once it is settled, or as it is when the wait ends; undefined where there is no such thing. */
  readonly outcome: Promise<Value | undefined>;
  /** Nobody waits any more. */
  readonly end: () => void;
}

export interface Waits<Key, Value> extends AsyncDisposable {
  /** At most `waitMs`. The outcome rejects where the store cannot even say that in the end, and when the gateway stops. */
  begin(key: Key, waitMs: number): Wait<Value>;
  /** It may have settled: whoever waits for it looks. */
  wake(key: Key): void;
  /** How many wait now. */
  readonly size: number;
}

export interface WaitsDeps<Key, Value> {
  readonly nameOf: (key: Key) => string;
  /** The first look of a wait; a store may note then that somebody waits. The same as `look` unless given. */
  readonly firstLook?: (key: Key) => Promise<Value | undefined>;
  readonly look: (key: Key) => Promise<Value | undefined>;
  readonly isSettled: (value: Value) => boolean;
  readonly sleep: Sleep;
  /** What who waits is told when the gateway stops. */
  readonly stopping: string;
}

/** A change that was not heard, because the store was away, is found by looking so often. */
const LOOK_MS = 2_000;
/** Where that would be more than these in a second, each wait is looked at less often: many waits must not keep the store busy. */
const LOOKS_PER_SECOND = 200;
const TICK_MS = 100;

/**
 * Holds answers until something in the store has settled. A wait costs a look when it begins, when its subject changes and when it ends,
 * and one now and then; the latter are spread over time.
 */
export function createWaits<Key, Value>(deps: WaitsDeps<Key, Value>): Waits<Key, Value> {
  const { nameOf, isSettled, sleep, firstLook = deps.look } = deps;
  const stop = new AbortController();
  const ears = new Ears();
  const looks = new PacedLooks<Value | undefined>();
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
            // The next look may find the store well again.
            (error: unknown) => (isOver ? reject(error) : undefined),
          );
      };
      const end = (): void => {
        isOver = true;
        look();
      };
      // The ear is open before the first look: nothing falls between the two.
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

/** Who wants to know of what. */
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

  /** The names whose turn was the longest ago. */
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
