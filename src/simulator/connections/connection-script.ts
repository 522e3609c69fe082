/** The listeners of the simulator. */
export const SERVERS = ["apns-production", "apns-sandbox", "google"] as const;
export type ServerName = (typeof SERVERS)[number];

/**
 * What is done to an HTTP/2 connection. `goaway`: says goodbye, exactly once. `settings`: SETTINGS_MAX_CONCURRENT_STREAMS.
 * `silence`: neither reads nor writes any more and stays open. `reset-streams`: RST_STREAM on every open stream. `junk`: bytes that are no HTTP/2. `end`: closes
 * in peace. `drop`: the socket is closed at once. `reset`: a TCP RST.
 */
export const ACTIONS = ["goaway", "settings", "silence", "reset-streams", "junk", "end", "drop", "reset"] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * The last stream id of a GOAWAY. `received`: the newest that has begun to arrive. `served`: the newest that was worked on, which gives
 * up those that have not yet arrived complete. `all`: the largest there is, the first of two steps (RFC 9113 §6.8).
 */
export const LAST_STREAMS = ["received", "served", "all"] as const;
export type LastStream = (typeof LAST_STREAMS)[number];

/** Done once on each connection, when all that it waits for has happened since the step before. */
export interface ConnectionStep {
  readonly do: Action;
  /** So many requests have arrived complete. */
  readonly afterRequests?: number;
  /** So many requests were answered with a 4xx other than 410, which Apple does not count. */
  readonly afterErrors?: number;
  /** So many PINGs came in a row, without a request between. */
  readonly afterPings?: number;
  /** And so much time has passed then. */
  readonly afterMs?: number;
  /** Of `settings`. */
  readonly streams?: number;
  /** The HTTP/2 error code of `goaway` and `reset-streams`. */
  readonly code?: number;
  /** Of `goaway`; `received` unless told. */
  readonly last?: LastStream;
  /** Of `goaway`: its debug data as JSON, as Apple has it. */
  readonly reason?: string;
  /** Of `goaway`: its debug data as plain text, as Google has it. */
  readonly debugData?: string;
  /** Of `silence`: ends after so long. */
  readonly forMs?: number;
}

/** What the connections of one listener do. */
export interface ConnectionScript {
  /** Which ones: those open now, those opened from now on, or both. */
  readonly on: "open" | "next" | "all";
  /** How many of the next ones; all unless told. */
  readonly times?: number;
  /** What the next ones announce at first as SETTINGS_MAX_CONCURRENT_STREAMS; APNs and FCM have their own idea unless told. */
  readonly streams?: number;
  readonly steps: readonly ConnectionStep[];
}

/** What a GOAWAY carries. */
export function debugDataOf({ reason, debugData }: Pick<ConnectionStep, "reason" | "debugData">): string {
  if (debugData !== undefined) return debugData;
  return reason === undefined ? "" : JSON.stringify({ reason });
}
