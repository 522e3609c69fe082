/** One complete request and the possible reactions to it, alike for HTTP/2 and HTTP/1.1. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** Names are lower-case. A repeated header has its first value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly duplicateHeaders: readonly string[];
  readonly body: Buffer;
  /** Number of the HTTP/2 connection; undefined for HTTP/1.1. */
  readonly connectionId?: number;
  /** True if the connection has ended, or a GOAWAY has told the client that this request is not processed. */
  readonly abandoned: boolean;
  answer(answer: Answer): void;
  /** Sends RST_STREAM. With REFUSED_STREAM it says that the request was certainly not processed. */
  resetStream(code: number): void;
  goAway(goaway: GoAway): void;
  dropConnection(): void;
  /** Sets SETTINGS_MAX_CONCURRENT_STREAMS of the connection. */
  allowStreams(count: number): void;
}

/**
 * Form of an answer on an HTTP/2 connection. HTTP/1.1 supports only `plain`.
 * - `two-parts`: the body comes in two DATA frames, the last one empty, as Google sends it.
 * - `informational`: 1xx headers come first.
 * - `trailers`: fields follow the body.
 * - `no-status`: there is no status, which HTTP forbids.
 * - `header-flood`: far more fields than any client accepts.
 */
export const ANSWER_SHAPES = ["plain", "two-parts", "informational", "trailers", "no-status", "header-flood"] as const;
export type AnswerShape = (typeof ANSWER_SHAPES)[number];

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly shape?: AnswerShape;
}

export interface GoAway {
  readonly code: number;
  /** JSON for APNs. */
  readonly debugData?: string;
  /** True if the last stream id covers this request. */
  readonly processed: boolean;
}

/** Large enough to receive a payload that is too large and to answer so. */
export const MAX_BODY_BYTES = 1_048_576;

export interface HeaderList {
  readonly headers: Readonly<Record<string, string>>;
  readonly duplicateHeaders: readonly string[];
}

/**
 * Reads the raw list `[name, value, name, value, …]`, because Node's header object merges or drops repeated headers.
 */
export function readRawHeaders(raw: readonly string[]): HeaderList {
  const headers: Record<string, string> = {};
  const duplicateHeaders: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? "";
    if (Object.hasOwn(headers, name)) duplicateHeaders.push(name);
    else headers[name] = raw[index + 1] ?? "";
  }
  return { headers, duplicateHeaders };
}

/** Returns the headers to record: without pseudo-headers and secrets. */
export function publicHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith(":") && name !== "authorization"),
  );
}

export function readJsonOrText(body: Buffer): unknown {
  const text = body.toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
