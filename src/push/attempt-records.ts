import type { Throttled } from "./throttled.ts";
import type { Outcome, OutcomeKind } from "./outcome.ts";

/** Record of one finished attempt, or of a period in which the gateway's own limits throttled the delivery. */
export interface AttemptRecord {
  /** Start in epoch milliseconds. */
  readonly at: number;
  readonly tookMs: number;
  readonly outcome: OutcomeKind | "held";
  /** The provider's reason unless it accepted the push; the gateway's own if throttled. */
  readonly reason?: string;
  /** If throttled: the provider's reason that other pushes of the app met. */
  readonly cause?: string;
}

/** A message may be tried for days. Its first and newest attempts are kept. */
const MOST_KEPT = 12;
export const KEPT_FIRST = 4;

export function addAttempt(
  tries: readonly AttemptRecord[],
  outcome: Outcome,
  at: number,
  tookMs: number,
): readonly AttemptRecord[] {
  const reason = outcome.kind === "delivered" ? {} : { reason: outcome.reason };
  return keep([...tries, { at, tookMs, outcome: outcome.kind, ...reason }]);
}

/** Adds a throttled period. One that follows for the same reason extends the last, to `until`. */
export function addThrottling(
  tries: readonly AttemptRecord[],
  { why, cause }: Throttled,
  at: number,
  until: number,
): readonly AttemptRecord[] {
  const last = tries.at(-1);
  const word = cause?.reason;
  if (last?.outcome === "held" && last.reason === why && last.cause === word) {
    return [...tries.slice(0, -1), { ...last, tookMs: until - last.at }];
  }
  const causeOf = word === undefined ? {} : { cause: word };
  return keep([...tries, { at, tookMs: until - at, outcome: "held", reason: why, ...causeOf }]);
}

function keep(all: readonly AttemptRecord[]): readonly AttemptRecord[] {
  return all.length <= MOST_KEPT ? all : [...all.slice(0, KEPT_FIRST), ...all.slice(KEPT_FIRST + 1)];
}
