/** The listeners of the simulator. */
export const SERVERS = ["apns-production", "apns-sandbox", "google"] as const;
export type ServerName = (typeof SERVERS)[number];

/**
 * Actions on an HTTP/2 connection.
 * - `goaway`: sends exactly one GOAWAY.
 * - `settings`: sends SETTINGS_MAX_CONCURRENT_STREAMS.
 * - `silence`: stops reading and writing, but stays open.
 * - `reset-streams`: sends RST_STREAM on every open stream.
 * - `junk`: sends bytes that are not HTTP/2.
 * - `end`: closes gracefully.
 * - `drop`: closes the socket at once.
 * - `reset`: sends a TCP RST.
 */
export const ACTIONS = ["goaway", "settings", "silence", "reset-streams", "junk", "end", "drop", "reset"] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * Last stream id of a GOAWAY.
 * - `received`: the newest stream that has begun to arrive.
 * - `served`: the newest stream being processed; gives up those that have not arrived completely.
 * - `all`: the largest possible id, the first of two steps (RFC 9113 §6.8).
 */
export const LAST_STREAMS = ["received", "served", "all"] as const;
export type LastStream = (typeof LAST_STREAMS)[number];

/** A step runs once per connection, when all of its conditions have been met since the previous step. */
export interface ConnectionStep {
  readonly do: Action;
  /** Number of complete requests. */
  readonly afterRequests?: number;
  /** Number of requests answered with a 4xx other than 410, which Apple does not count. */
  readonly afterErrors?: number;
  /** Number of consecutive PINGs without a request in between. */
  readonly afterPings?: number;
  /** Time to wait after the other conditions are met. */
  readonly afterMs?: number;
  /** For `settings`. */
  readonly streams?: number;
  /** For `goaway` and `reset-streams`: the HTTP/2 error code. */
  readonly code?: number;
  /** For `goaway`; `received` by default. */
  readonly last?: LastStream;
  /** For `goaway`: the reason in JSON debug data, as Apple sends it. */
  readonly reason?: string;
  /** For `goaway`: debug data as plain text, as Google sends it. */
  readonly debugData?: string;
  /** For `silence`: when it ends. */
  readonly forMs?: number;
}

/** Script for the connections of one server. */
export interface ConnectionScript {
  /** Connections that it applies to: those open now, later ones, or both. */
  readonly on: "open" | "next" | "all";
  /** Number of later connections that it applies to; no limit by default. */
  readonly times?: number;
  /** First SETTINGS_MAX_CONCURRENT_STREAMS of later connections; by default that of APNs or FCM. */
  readonly streams?: number;
  readonly steps: readonly ConnectionStep[];
}

/** Returns the debug data of a GOAWAY. */
export function debugDataOf({ reason, debugData }: Pick<ConnectionStep, "reason" | "debugData">): string {
  if (debugData !== undefined) return debugData;
  return reason === undefined ? "" : JSON.stringify({ reason });
}
