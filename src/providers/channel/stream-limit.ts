export interface StreamTerms {
  /** The limit in the peer's SETTINGS. */
  readonly announced: number;
  /** Our own limit. */
  readonly own: number;
  /** Before its first successful answer a token-authenticated connection has one stream, whatever is announced. */
  readonly isProven: boolean;
  /** True for calls. */
  readonly isUrgent: boolean;
}

/** One stream in this many is reserved for calls, so that messages alone cannot fill a connection. */
const KEPT_FOR_CALLS = 10;

/** Returns the number of requests in flight below which one more may be sent. */
export function countStreams({ announced, own, isProven, isUrgent }: StreamTerms): number {
  if (!isProven) return Math.min(1, announced);
  const most = Math.min(announced, own);
  return isUrgent ? most : most - Math.floor(most / KEPT_FOR_CALLS);
}
