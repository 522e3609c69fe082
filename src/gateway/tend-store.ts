import type { CallBook } from "./call-book.ts";
import type { GatewayEvents } from "./gateway-events.ts";
import type { PushStore } from "./push-store.ts";
import type { Sleep } from "./sleep.ts";

export interface TendStoreDeps {
  readonly store: Pick<PushStore, "forgetEnded">;
  readonly calls: Pick<CallBook, "forgetCalls">;
  readonly events: GatewayEvents;
  readonly sleep: Sleep;
  readonly retentionMs: number;
}

const EVERY_MS = 60_000;

/** Forgets ended pushes when their time is up, until it is disposed of. */
export function tendStore(deps: TendStoreDeps): AsyncDisposable {
  const stop = new AbortController();
  const tending = forgetRegularly(deps, stop.signal);
  return {
    [Symbol.asyncDispose]() {
      stop.abort();
      return tending;
    },
  };
}

async function forgetRegularly(
  { store, calls, events, sleep, retentionMs }: TendStoreDeps,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      await store.forgetEnded(retentionMs);
      await calls.forgetCalls(retentionMs);
    } catch (error) {
      events.storeFailed("forget ended pushes", error);
    }
    await sleep(EVERY_MS, stop);
  }
}
