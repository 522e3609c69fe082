/** How long connections are kept, in milliseconds. */
export interface Lifetime {
  /** The last connection without requests. */
  readonly idleMs: number;
  /** One of several without requests. */
  readonly surplusIdleMs: number;
  /** Any connection. */
  readonly ageMs: number;
}

export interface ConnectionAge {
  readonly ageMs: number;
  /** Undefined if it has requests in flight. */
  readonly idleMs: number | undefined;
  readonly isLast: boolean;
}

/** `replace`: close it once there is another one. */
export type Fate = "keep" | "close" | "replace";

export function decideFate({ ageMs, idleMs, isLast }: ConnectionAge, lifetime: Lifetime): Fate {
  const isOld = ageMs >= lifetime.ageMs;
  if (idleMs === undefined) return isOld ? "replace" : "keep";
  return isOld || idleMs >= (isLast ? lifetime.idleMs : lifetime.surplusIdleMs) ? "close" : "keep";
}
