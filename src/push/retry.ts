import type { ProviderName } from "./device.ts";
import type { Throttled } from "./throttled.ts";
import type { Outcome } from "./outcome.ts";

/** Exponential backoff with full jitter: a random delay between zero and `base · 2^attempt`, capped. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  /** Undefined: only the deadline ends the retries. */
  readonly maxAttempts?: number;
  /** Shortest pause after a provider has reported its own failure without naming a time. */
  readonly busyMs: Readonly<Record<ProviderName, number>>;
}

export type Decision =
  | { readonly kind: "end"; readonly state: "delivered" | "failed" | "expired"; readonly reason?: string }
  | { readonly kind: "retry"; readonly at: number; readonly reason: string };

export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly provider: ProviderName;
  /** Number of finished attempts including this one, at least 1. */
  readonly attempts: number;
  readonly acceptedAt: number;
  readonly deadline: number;
  readonly now: number;
  /** No second attempt is allowed. */
  readonly isOnly?: boolean;
}

/**
 * Upper limit for a pause that a provider asks for. It may stop a whole app, so a provider's mistake must not cost
 * more.
 */
export const LONGEST_TOLD_PAUSE_MS = 3_600_000;

/** Returns the longest time that a push can wait for its next attempt: the provider's longest pause plus jitter. */
export function longestPauseMs(policies: readonly RetryPolicy[]): number {
  return Math.max(
    ...policies.map(({ capMs, busyMs }) => Math.max(LONGEST_TOLD_PAUSE_MS, ...Object.values(busyMs)) + capMs),
  );
}

/**
 * How long a push waits for an operator to repair its refused app. It is shorter than the deadline, because a domain
 * with an expired certificate must not fill the shared queue.
 */
const PATIENCE_MS = 600_000;

/** Returns what to do after an outcome. `random` returns a number from [0, 1). */
export function decide(end: AttemptEnd, policy: RetryPolicy, random: () => number): Decision {
  const { outcome, attempts } = end;
  switch (outcome.kind) {
    case "delivered":
      return { kind: "end", state: "delivered" };
    case "unregistered":
    case "rejected":
      return { kind: "end", state: "failed", reason: outcome.reason };
    case "misconfigured": {
      const { reason, scope } = outcome;
      const isInVain = scope === "device" || end.isOnly === true || attempts >= (policy.maxAttempts ?? Infinity);
      const at = isInVain ? undefined : chooseRetry(end, {}, policy, random);
      return at === undefined || at >= end.acceptedAt + PATIENCE_MS
        ? { kind: "end", state: "failed", reason }
        : { kind: "retry", at, reason };
    }
    case "deferred": {
      const { reason } = outcome;
      if (end.isOnly === true) return { kind: "end", state: "expired", reason };
      if (attempts >= (policy.maxAttempts ?? Infinity)) return { kind: "end", state: "failed", reason };
      const at = chooseRetry(end, outcome, policy, random);
      return at === undefined ? { kind: "end", state: "expired", reason } : { kind: "retry", at, reason };
    }
  }
}

/** Returns what to do if the push was throttled. `lastWord` is the provider's previous reason for this delivery. */
export function decideThrottled(
  { why, retryAfterMs, cause }: Throttled,
  { acceptedAt, deadline, now }: Pick<AttemptEnd, "acceptedAt" | "deadline" | "now">,
  lastWord: string | undefined,
): Decision {
  const at = now + Math.ceil(retryAfterMs);
  const reason = lastWord ?? cause?.reason ?? why;
  if (cause?.kind === "misconfigured" && at >= Math.min(deadline, acceptedAt + PATIENCE_MS)) {
    return { kind: "end", state: "failed", reason };
  }
  return at >= deadline ? { kind: "end", state: "expired", reason } : { kind: "retry", at, reason };
}

type Deferral = Extract<Outcome, { kind: "deferred" }>;

/**
 * Returns the time of the next attempt, or undefined if no useful time is left. The provider's pause is a minimum:
 * jitter is added, so that pushes deferred together do not return together. The deadline is a maximum: the jitter is
 * drawn from the remaining time.
 */
function chooseRetry(
  { provider, attempts, deadline, now }: AttemptEnd,
  { retryAfterMs, busy }: Pick<Deferral, "retryAfterMs" | "busy">,
  { baseMs, capMs, busyMs }: RetryPolicy,
  random: () => number,
): number | undefined {
  const floorMs = retryAfterMs ?? (busy === true ? (busyMs[provider] ?? 0) : 0);
  const earliest = now + Math.ceil(floorMs);
  const latest = deadline - baseMs;
  if (earliest >= latest) return undefined;
  const jitterMs = Math.min(capMs, baseMs * 2 ** (attempts - 1), latest - earliest);
  return earliest + Math.ceil(random() * jitterMs);
}
