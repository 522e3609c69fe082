/** Recent counts, in buckets that expire one by one. */
export interface SlidingWindow<T> {
  /** Returns the current bucket. */
  current(now: number): T;
  /** Returns the buckets that have not expired; empty ones are omitted. */
  list(now: number): readonly T[];
  clear(): void;
}

export function createSlidingWindow<T>(windowMs: number, buckets: number, create: () => T): SlidingWindow<T> {
  const bucketMs = windowMs / buckets;
  let kept: { readonly number: number; readonly bucket: T }[] = [];
  const forgetOld = (now: number): number => {
    const number = Math.floor(now / bucketMs);
    const isRecent = (one: { readonly number: number } | undefined): boolean =>
      one === undefined || (one.number > number - buckets && one.number <= number);
    // A clock that was set back must not keep old buckets for ever.
    if (!isRecent(kept[0]) || !isRecent(kept.at(-1))) kept = kept.filter(isRecent);
    return number;
  };
  return {
    current(now) {
      const number = forgetOld(now);
      const last = kept.at(-1);
      if (last?.number === number) return last.bucket;
      const bucket = create();
      kept.push({ number, bucket });
      return bucket;
    },
    list(now) {
      forgetOld(now);
      return kept.map(({ bucket }) => bucket);
    },
    clear() {
      kept = [];
    },
  };
}
