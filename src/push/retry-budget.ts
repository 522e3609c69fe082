/** Limits the extra load of retries on a provider in trouble. Times are epoch milliseconds. */
export interface RetryBudget {
  /** Call at a first attempt, which earns a share of a retry. */
  earn(now: number): void;
  /** Returns true if a retry may be made now, and takes it from the budget. */
  spend(now: number): boolean;
  /** Call when a retry was accepted: it put no load on a failing provider, so it costs nothing. */
  refund(now: number): void;
}

export interface RetryBudgetOptions {
  /** Retries earned per first attempt, such as 0.1. */
  readonly share: number;
  /** Retries earned per second, so that a gateway with little traffic can retry, too. */
  readonly perSecond: number;
  /** Largest number of retries that can be saved up. */
  readonly savings: number;
}

/**
 * Creates a budget that limits the extra traffic of a storm to `share`, plus what time earns.
 * https://sre.google/sre-book/handling-overload/ (per-client retry budget)
 */
export function createRetryBudget({ share, perSecond, savings }: RetryBudgetOptions): RetryBudget {
  let saved = savings;
  let last: number | undefined;
  const add = (earned: number, now: number): void => {
    const elapsedMs = Math.max(0, now - (last ?? now));
    last = now;
    saved = Math.min(savings, saved + earned + (elapsedMs * perSecond) / 1000);
  };
  return {
    earn: (now) => add(share, now),
    spend(now) {
      add(0, now);
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
    refund: (now) => add(1, now),
  };
}
