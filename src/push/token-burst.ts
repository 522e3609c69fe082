import { createSlidingWindow } from "./sliding-window.ts";

/** Many different tokens refused or called dead at once. */
export interface TokenBurst {
  /** The provider's reasons, most frequent first. */
  readonly reasons: readonly string[];
}

/** Watches an app provider's answers for bursts of refused tokens. Times are epoch milliseconds. */
export interface TokenWatch {
  /** Records an answer. `refusal` is the provider's reason against the token, undefined if it accepted the push. */
  note(token: string, refusal: string | undefined, now: number): void;
  /** Returns the burst of the last minute, or undefined if there was none. */
  burst(now: number): TokenBurst | undefined;
}

const WINDOW_MS = 60_000;
const BUCKETS = 12;
/** Phones disappear one by one. Wrong settings affect many different tokens, and a large share of all. */
const BURSTS = [
  { tokens: 10, share: 1 / 2 },
  { tokens: 20, share: 3 / 10 },
] as const;
/** More than the largest burst needs, so that a bucket stays small. */
const MAX_TOKENS_IN_BUCKET = 50;
const MAX_REASONS = 20;

interface Bucket {
  answers: number;
  refused: number;
  readonly tokens: Set<string>;
  readonly reasons: Map<string, number>;
}

export function createTokenWatch(): TokenWatch {
  const window = createSlidingWindow<Bucket>(WINDOW_MS, BUCKETS, () => ({
    answers: 0,
    refused: 0,
    tokens: new Set(),
    reasons: new Map(),
  }));
  let last: { readonly at: number; readonly burst: TokenBurst } | undefined;

  return {
    note(token, refusal, now) {
      const bucket = window.current(now);
      bucket.answers += 1;
      if (refusal === undefined) return;
      bucket.refused += 1;
      if (bucket.tokens.size < MAX_TOKENS_IN_BUCKET) bucket.tokens.add(token);
      const count = bucket.reasons.get(refusal);
      if (count !== undefined || bucket.reasons.size < MAX_REASONS) bucket.reasons.set(refusal, (count ?? 0) + 1);
      const burst = findBurst(window.list(now));
      if (burst !== undefined) last = { at: now, burst };
    },
    burst(now) {
      if (last !== undefined && Math.abs(now - last.at) > WINDOW_MS) last = undefined;
      return last?.burst;
    },
  };
}

function findBurst(buckets: readonly Bucket[]): TokenBurst | undefined {
  const sum = (count: (bucket: Bucket) => number) => buckets.reduce((total, bucket) => total + count(bucket), 0);
  const share = sum(({ refused }) => refused) / sum(({ answers }) => answers);
  const wanted = BURSTS.find((burst) => share >= burst.share)?.tokens ?? Infinity;
  if (sum(({ tokens }) => tokens.size) < wanted) return undefined;
  const tokens = new Set(buckets.flatMap((bucket) => [...bucket.tokens]));
  return tokens.size < wanted ? undefined : { reasons: listReasons(buckets) };
}

function listReasons(buckets: readonly Bucket[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const [reason, count] of buckets.flatMap(({ reasons }) => [...reasons])) {
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([reason]) => reason);
}
