/** Orders for the stand-in for Apple and Google. */
export type StandInOrder =
  | { readonly kind: "ports" }
  /** Forgets all pushes, and notes those numbered from `first` on. */
  | { readonly kind: "watch"; readonly first: number; readonly count: number }
  /** How many of the watched pushes have come so far. */
  | { readonly kind: "progress" }
  | { readonly kind: "collect" }
  /** Time between a push and its answer. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Closes listeners and connections, or opens them again at the same ports. */
  | { readonly kind: "away"; readonly isAway: boolean };

export interface StandInAnswer {
  readonly apnsPort: number;
  readonly fcmPort: number;
  readonly oauthPort: number;
  /** Watched pushes that came at least once. */
  readonly arrived: number;
  /** Requests for watched pushes, repetitions and further devices included. */
  readonly requests: number;
  /** Time of the first request for each watched push, NaN if there was none; only after `collect`. */
  readonly arrivedAt?: Float64Array;
  /** Number of requests for each watched push; only after `collect`. */
  readonly times?: Uint16Array;
}
