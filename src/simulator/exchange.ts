/** One complete request and the ways in which a server can deal with it; the same over HTTP/2 and HTTP/1.1. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** Lower-case names; the first value of a repeated one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly duplicateHeaders: readonly string[];
  readonly body: Buffer;
  /** Of an HTTP/2 connection: its number in the list of connections. */
  readonly connectionId?: number;
  /** The connection ended, or a GOAWAY has told the client that this request is not processed. */
  readonly abandoned: boolean;
  answer(answer: Answer): void;
  /** RST_STREAM; with REFUSED_STREAM it tells that the request was certainly not processed. */
  resetStream(code: number): void;
  goAway(goaway: GoAway): void;
  dropConnection(): void;
  /** Raises (or lowers) SETTINGS_MAX_CONCURRENT_STREAMS of the connection. */
  allowStreams(count: number): void;
}

/**
 * How an answer looks on an HTTP/2 connection. `two-parts`: the body comes in two DATA frames, the last one empty, as Google
 * sends it. `informational`: 1xx come first. `trailers`: fields follow the body. `no-status`: the answer has none, which no HTTP
 * allows. `header-flood`: far more fields than anybody reads. HTTP/1.1 has `plain` alone.
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
  /** APNs puts JSON here. */
  readonly debugData?: string;
  /** Whether the last stream id covers this request. */
  readonly processed: boolean;
}

/** Large enough to tell a client that its payload is too large. */
export const MAX_BODY_BYTES = 1_048_576;

export interface HeaderList {
  readonly headers: Readonly<Record<string, string>>;
  readonly duplicateHeaders: readonly string[];
}

/** Node merges or drops repeated headers in its header object; the raw list `[name, value, name, value, …]` shows them. */
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

/** For the record: no pseudo-headers and no secrets. */
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
