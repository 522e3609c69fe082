import type { Call } from "../../push/call.ts";
import type { CallBook, CallKey } from "../call-book.ts";
import { GatewayError } from "../errors.ts";
import type { Sleep } from "../sleep.ts";

export interface CallWait {
  /** The call once it no longer just rings, or is what it is when the wait ends; undefined where there is no such call. */
  readonly outcome: Promise<Call | undefined>;
  /** Nobody waits any more. */
  readonly end: () => void;
}

export interface CallWaits extends AsyncDisposable {
  /**
   * Waits for a call to be more than ringing, whichever gateway has written that, at most `waitMs`. The outcome rejects where the store
   * cannot even say that in the end, and when the gateway stops.
   */
  begin(key: CallKey, waitMs: number): CallWait;
  /** How many wait now. */
  readonly size: number;
}

export interface CallWaitsDeps {
  readonly calls: Pick<CallBook, "get" | "watch">;
  readonly sleep: Sleep;
}

/** A change that was not heard, because the store was away, is found by looking so often. */
const LOOK_MS = 2_000;

const STOPPING = new GatewayError(
  "shutting_down",
  "This gateway is about to stop. The phones go on ringing: ask again, and another gateway, or this one later, waits for them.",
  { retryAfterSeconds: 1 },
);

/** Those who hold an answer until a phone has come. One costs a look at the store when its call changes, and one now and then. */
export function createCallWaits({ calls, sleep }: CallWaitsDeps): CallWaits {
  const stop = new AbortController();
  const ears = new Ears();
  const watch = calls.watch((change) => {
    if (change.state !== "ringing") ears.wake(change);
  });
  const rounds = lookNowAndThen();

  async function lookNowAndThen(): Promise<void> {
    while (!stop.signal.aborted) {
      await sleep(LOOK_MS, stop.signal);
      ears.wakeAll();
    }
  }

  return {
    get size() {
      return ears.size;
    },
    begin(key, waitMs) {
      const { promise: outcome, resolve, reject } = Promise.withResolvers<Call | undefined>();
      let isOver = false;
      const look = (): void => {
        if (stop.signal.aborted) reject(STOPPING);
        calls.get(key).then(
          (call) => (call?.state !== "ringing" || isOver ? resolve(call) : undefined),
          // The next look may find the store well again.
          (error: unknown) => (isOver ? reject(error) : undefined),
        );
      };
      const end = (): void => {
        isOver = true;
        look();
      };
      // The ear is open before the first look: nothing falls between the two.
      const listening = ears.open(key, look);
      const timer = setTimeout(end, waitMs);
      const finish = (): void => {
        clearTimeout(timer);
        listening[Symbol.dispose]();
      };
      outcome.then(finish, finish);
      look();
      return { outcome, end };
    },
    /** Ends all waits. */
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      stop.abort();
      ears.wakeAll();
      await rounds;
    },
  };
}

/** Who wants to know of which call. */
class Ears {
  readonly #byCall = new Map<string, Set<() => void>>();
  size = 0;

  open(key: CallKey, look: () => void): Disposable {
    const name = nameOf(key);
    const ofCall = this.#byCall.get(name) ?? new Set();
    this.#byCall.set(name, ofCall.add(look));
    this.size += 1;
    return {
      [Symbol.dispose]: () => {
        this.size -= 1;
        ofCall.delete(look);
        if (ofCall.size === 0) this.#byCall.delete(name);
      },
    };
  }

  wake(key: CallKey): void {
    for (const look of this.#byCall.get(nameOf(key)) ?? []) look();
  }

  wakeAll(): void {
    for (const ofCall of this.#byCall.values()) for (const look of ofCall) look();
  }
}

function nameOf({ callee, id }: CallKey): string {
  return `${callee} ${id}`;
}
