import type { Outcome } from "./outcome.ts";

/** Exponential backoff with full jitter: the delay is drawn from zero to `base · 2^attempt`, capped. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  /** Absent: the deadline alone decides when to give up. */
  readonly maxAttempts?: number;
}

export type Decision =
  | { readonly kind: "end"; readonly state: "delivered" | "failed" | "expired"; readonly reason?: string }
  | { readonly kind: "retry"; readonly at: number; readonly reason: string };

export interface AttemptEnd {
  readonly outcome: Outcome;
  /** Attempts ended so far, this one included: at least 1. */
  readonly attempts: number;
  readonly deadline: number;
  readonly now: number;
}

/** What follows an outcome. `random` draws from [0, 1). The provider's Retry-After is a floor, the deadline a ceiling. */
export function decide(end: AttemptEnd, policy: RetryPolicy, random: () => number): Decision {
  const { outcome, attempts, deadline, now } = end;
  switch (outcome.kind) {
    case "delivered":
      return { kind: "end", state: "delivered" };
    case "unregistered":
    case "rejected":
    case "misconfigured":
      return { kind: "end", state: "failed", reason: outcome.reason };
    case "deferred": {
      if (attempts >= (policy.maxAttempts ?? Infinity)) return { kind: "end", state: "failed", reason: outcome.reason };
      const at = now + Math.max(outcome.retryAfterMs ?? 0, backoffMs(attempts, policy, random));
      if (at >= deadline) return { kind: "end", state: "expired", reason: outcome.reason };
      return { kind: "retry", at, reason: outcome.reason };
    }
  }
}

function backoffMs(attempts: number, { baseMs, capMs }: RetryPolicy, random: () => number): number {
  return Math.ceil(random() * Math.min(capMs, baseMs * 2 ** (attempts - 1)));
}
