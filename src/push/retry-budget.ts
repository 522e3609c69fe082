/** Keeps retries from multiplying the load of a provider that is in trouble. */
export interface RetryBudget {
  /** A first attempt: earns a share of a retry. */
  earn(): void;
  /** True where a retry may be made now. */
  spend(): boolean;
}

export interface RetryBudgetOptions {
  /** Retries for each first attempt, e.g. 0.1. */
  readonly share: number;
  /** What may be saved up: so many retries are made at once after a quiet time, and where there is little traffic at all. */
  readonly savings: number;
}

/**
 * A storm is met with at most `share` of extra traffic, over any time in which the savings are small against it.
 * https://sre.google/sre-book/handling-overload/ (per-client retry budget)
 */
export function createRetryBudget({ share, savings }: RetryBudgetOptions): RetryBudget {
  let saved = savings;
  return {
    earn() {
      saved = Math.min(savings, saved + share);
    },
    spend() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
