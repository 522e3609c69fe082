import type { CallBook } from "./call-book.ts";
import type { GatewayEvents } from "./gateway-events.ts";
import type { LongestPauses, PushStore } from "./push-store.ts";
import type { Sleep } from "./sleep.ts";

export interface TendStoreDeps {
  readonly store: Pick<PushStore, "forgetEnded" | "wakeOversleepers">;
  readonly calls: Pick<CallBook, "forgetCalls">;
  readonly events: Pick<GatewayEvents, "oversleepersWoken" | "storeFailed">;
  readonly sleep: Sleep;
  readonly retentionMs: number;
  /** Returns the values of the configuration in force. */
  readonly longestPauses: () => LongestPauses;
}

const EVERY_MS = 60_000;

/**
 * Maintains the store at once and then every minute until disposed: it wakes pushes that a clock change has put to
 * sleep, and deletes ended ones after their retention.
 */
export function maintainStore(deps: TendStoreDeps): AsyncDisposable {
  const stop = new AbortController();
  const tending = maintainRegularly(deps, stop.signal);
  return {
    [Symbol.asyncDispose]() {
      stop.abort();
      return tending;
    },
  };
}

async function maintainRegularly(deps: TendStoreDeps, stop: AbortSignal): Promise<void> {
  const { store, calls, events, sleep, retentionMs, longestPauses } = deps;
  while (!stop.aborted) {
    try {
      const woken = await store.wakeOversleepers(longestPauses());
      if (woken > 0) events.oversleepersWoken(woken);
    } catch (error) {
      events.storeFailed("wake pushes that sleep too long", error);
    }
    try {
      await store.forgetEnded(retentionMs);
      await calls.forgetCalls(retentionMs);
    } catch (error) {
      events.storeFailed("forget ended pushes", error);
    }
    await sleep(EVERY_MS, stop);
  }
}
