import type { ProviderName } from "./device.ts";
import type { Held } from "./held.ts";
import type { Outcome } from "./outcome.ts";

/** Exponential backoff with full jitter: the delay is drawn from zero to `base · 2^attempt`, capped. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  /** Absent: the deadline alone decides when to give up. */
  readonly maxAttempts?: number;
  /** The shortest pause after a provider said that it is in trouble itself, and named no time. */
  readonly busyMs: Readonly<Record<ProviderName, number>>;
}

export type Decision =
  | { readonly kind: "end"; readonly state: "delivered" | "failed" | "expired"; readonly reason?: string }
  | { readonly kind: "retry"; readonly at: number; readonly reason: string };

export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly provider: ProviderName;
  /** Attempts ended so far, this one included: at least 1. */
  readonly attempts: number;
  readonly acceptedAt: number;
  readonly deadline: number;
  readonly now: number;
  /** There is no second attempt. */
  readonly isOnly?: boolean;
}

/** The longest pause that a provider can ask for: whole apps wait, and a slip of its must not cost more. */
export const LONGEST_TOLD_PAUSE_MS = 3_600_000;

/** No push waits longer than this for its next attempt: what a provider asks for, and the jitter on top of it. */
export function longestPauseMs(policies: readonly RetryPolicy[]): number {
  return Math.max(
    ...policies.map(({ capMs, busyMs }) => Math.max(LONGEST_TOLD_PAUSE_MS, ...Object.values(busyMs)) + capMs),
  );
}

/**
 * So long a push waits for an operator to mend what its app is refused for. Not until the deadline: a domain whose certificate nobody
 * renews must not fill the queue that others wait in, too.
 */
const PATIENCE_MS = 600_000;

/** What follows an outcome. `random` draws from [0, 1). */
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

/** What follows when nothing was asked of the provider. `lastWord` is what it said of this delivery before. */
export function decideHeld(
  { why, retryAfterMs, cause }: Held,
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
 * The provider's pause is a floor: the jitter comes on top of it, so that what was put off together does not come back together. The
 * deadline is a ceiling: the jitter is drawn from the time that is left. Undefined: none that is worth an attempt is left.
 */
function chooseRetry(
  { provider, attempts, deadline, now }: AttemptEnd,
  { retryAfterMs, busy }: Pick<Deferral, "retryAfterMs" | "busy">,
  { baseMs, capMs, busyMs }: RetryPolicy,
  random: () => number,
): number | undefined {
  const floorMs = retryAfterMs ?? (busy === true ? busyMs[provider] : 0);
  const earliest = now + Math.ceil(floorMs);
  const latest = deadline - baseMs;
  if (earliest >= latest) return undefined;
  const jitterMs = Math.min(capMs, baseMs * 2 ** (attempts - 1), latest - earliest);
  return earliest + Math.ceil(random() * jitterMs);
}
