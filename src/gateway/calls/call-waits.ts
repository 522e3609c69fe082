import type { Call } from "../../push/call.ts";
import type { CallBook, CallKey } from "../call-book.ts";
import type { Sleep } from "../sleep.ts";
import { createWaits, type Waits } from "../waits.ts";

/** Waits for calls to leave the state `ringing`, whichever gateway writes that. */
export type CallWaits = Pick<Waits<CallKey, Call>, "begin" | "size"> & AsyncDisposable;

export interface CallWaitsDeps {
  readonly calls: Pick<CallBook, "get" | "watch">;
  readonly sleep: Sleep;
}

const STOPPING =
  "This gateway is about to stop. The phones go on ringing: ask again, and another gateway, or this one later, waits for them.";

/** Creates the waits of requests whose answer depends on a phone's registration. */
export function createCallWaits({ calls, sleep }: CallWaitsDeps): CallWaits {
  const waits = createWaits<CallKey, Call>({
    nameOf: ({ callee, id }) => `${callee} ${id}`,
    look: (key) => calls.get(key),
    isSettled: ({ state }) => state !== "ringing",
    sleep,
    stopping: STOPPING,
  });
  const watch = calls.watch((change) => {
    if (change.state !== "ringing") waits.wake(change);
  });
  return {
    get size() {
      return waits.size;
    },
    begin: (key, waitMs) => waits.begin(key, waitMs),
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await waits[Symbol.asyncDispose]();
    },
  };
}
