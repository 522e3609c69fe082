import type { Call } from "../push/call.ts";
import type { CallBook, CallKey } from "./call-book.ts";
import { GatewayError } from "./errors.ts";
import type { Sleep } from "./sleep.ts";

export interface CallWaits extends AsyncDisposable {
  /**
   * The call once it no longer just rings, whichever gateway has written it; what it is by then where `signal` ends the wait.
   * Undefined where there is no such call. Rejects where the store cannot even say that in the end, and when the gateway stops.
   */
  wait(key: CallKey, signal: AbortSignal): Promise<Call | undefined>;
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
  const looks = new Map<string, Set<() => void>>();
  let size = 0;
  const watch = calls.watch((change) => {
    if (change.state === "ringing") return;
    for (const look of looks.get(nameOf(change)) ?? []) look();
  });
  const rounds = lookNowAndThen();

  async function lookNowAndThen(): Promise<void> {
    while (!stop.signal.aborted) {
      await sleep(LOOK_MS, stop.signal);
      lookForAll();
    }
  }

  function lookForAll(): void {
    for (const ofCall of looks.values()) for (const look of ofCall) look();
  }

  function listen(name: string, look: () => void): Disposable {
    const ofCall = looks.get(name) ?? new Set();
    looks.set(name, ofCall.add(look));
    size += 1;
    return {
      [Symbol.dispose]() {
        size -= 1;
        ofCall.delete(look);
        if (ofCall.size === 0) looks.delete(name);
      },
    };
  }

  return {
    get size() {
      return size;
    },
    async wait(key, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Call | undefined>();
      const look = (): void => {
        if (stop.signal.aborted) reject(STOPPING);
        calls.get(key).then(
          (call) => (call?.state !== "ringing" || signal.aborted ? resolve(call) : undefined),
          // The next look may find the store well again.
          (error: unknown) => (signal.aborted ? reject(error) : undefined),
        );
      };
      // The ear is open before the first look: nothing falls between the two.
      using _listening = listen(nameOf(key), look);
      signal.addEventListener("abort", look, { once: true });
      look();
      try {
        return await promise;
      } finally {
        signal.removeEventListener("abort", look);
      }
    },
    /** Ends all waits. */
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      stop.abort();
      lookForAll();
      await rounds;
    },
  };
}

function nameOf({ callee, id }: CallKey): string {
  return `${callee} ${id}`;
}
