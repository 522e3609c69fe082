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
  /** As the configuration in force has them. */
  readonly longestPauses: () => LongestPauses;
}

const EVERY_MS = 60_000;

/** At once and every minute until it is disposed of: wakes pushes that a clock has put to sleep, and forgets ended ones when their time is up. */
export function tendStore(deps: TendStoreDeps): AsyncDisposable {
  const stop = new AbortController();
  const tending = tendRegularly(deps, stop.signal);
  return {
    [Symbol.asyncDispose]() {
      stop.abort();
      return tending;
    },
  };
}

async function tendRegularly(deps: TendStoreDeps, stop: AbortSignal): Promise<void> {
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
