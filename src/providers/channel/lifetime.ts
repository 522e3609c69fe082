/** How long connections are kept, in milliseconds. */
export interface Lifetime {
  /** The last connection, without a request. */
  readonly idleMs: number;
  /** One of several, without a request. */
  readonly surplusIdleMs: number;
  /** With or without requests. */
  readonly ageMs: number;
}

export interface ConnectionAge {
  readonly ageMs: number;
  /** Undefined: it has requests under way. */
  readonly idleMs: number | undefined;
  readonly isLast: boolean;
}

/** `replace`: close it once there is another one; until then it is better than none. */
export type Fate = "keep" | "close" | "replace";

export function decideFate({ ageMs, idleMs, isLast }: ConnectionAge, lifetime: Lifetime): Fate {
  const isOld = ageMs >= lifetime.ageMs;
  if (idleMs === undefined) return isOld ? "replace" : "keep";
  return isOld || idleMs >= (isLast ? lifetime.idleMs : lifetime.surplusIdleMs) ? "close" : "keep";
}
