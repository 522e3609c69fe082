export interface StreamTerms {
  /** What the peer's SETTINGS allow. */
  readonly announced: number;
  /** What we allow ourselves. */
  readonly own: number;
  /** Before its first good answer a token-authenticated connection has one stream, whatever is announced. */
  readonly isProven: boolean;
  /** For a call. */
  readonly isUrgent: boolean;
}

/** One in so many streams is kept for calls: messages alone must not fill a connection. */
const KEPT_FOR_CALLS = 10;

/** How many requests may be under way on a connection for one more to be sent. */
export function countStreams({ announced, own, isProven, isUrgent }: StreamTerms): number {
  if (!isProven) return Math.min(1, announced);
  const most = Math.min(announced, own);
  return isUrgent ? most : most - Math.floor(most / KEPT_FOR_CALLS);
}
