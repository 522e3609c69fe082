/** Keeps retries from multiplying the load of a provider that is in trouble. Instants are epoch milliseconds. */
export interface RetryBudget {
  /** A first attempt: earns a share of a retry. */
  earn(now: number): void;
  /** True where a retry may be made now. */
  spend(now: number): boolean;
  /** The retry was taken: it was no load on a provider in trouble, and costs nothing. */
  refund(now: number): void;
}

export interface RetryBudgetOptions {
  /** Retries for each first attempt, e.g. 0.1. */
  readonly share: number;
  /** Retries that are earned by time alone, so that a gateway with little traffic can retry too. */
  readonly perSecond: number;
  /** What may be saved up in quiet times and made at once. */
  readonly savings: number;
}

/**
 * A storm is met with `share` of extra traffic, plus what time earns.
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
