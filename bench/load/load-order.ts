/** A request with placeholders: `{n}` the number of the push, `{callee}` and `{device}` derived from it, `{hex}` 64 digits. */
export interface RequestTemplate {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoadTarget {
  readonly port: number;
  /** PEM of the authority that issued the certificate; undefined for plain HTTP. */
  readonly ca?: string;
}

export interface LoadOrder {
  readonly target: LoadTarget;
  readonly template: RequestTemplate;
  /** Number of the first request; later ones count up. */
  readonly first: number;
  readonly count: number;
  /** Number of callees among whom the requests are distributed. */
  readonly callees: number;
  /** Requests per second, whatever the answers do; undefined for as fast as the answers come. */
  readonly perSecond?: number;
  /** Number of connections; an open loop opens more of them, up to this number, if all are busy. */
  readonly connections: number;
  /** Time limit for the answers after the last request. */
  readonly patienceMs: number;
}

/** Entry i belongs to the push `first + i`. Times are those of the shared monotonic clock in milliseconds. */
export interface LoadResult {
  readonly dueAt: Float64Array;
  /** NaN if there was no answer. */
  readonly answeredAt: Float64Array;
  /** HTTP status; 0 if there was no answer. */
  readonly statuses: Uint16Array;
}
