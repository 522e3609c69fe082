/**
 * A push request that Node's parser refused. SEMS writes a caller's name unencoded into the request line: raw UTF-8,
 * which RFC 9112 §3.2 forbids and Node's HTTP/1.1 parser refuses before any handler sees it. This reader accepts only
 * such requests.
 */
export interface RescuableRequest {
  readonly path: string;
  /** One character per byte. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
}

const HEAD_END = "\r\n\r\n";
const MAX_HEAD_BYTES = 16_384;
const REQUEST_LINE = /^GET (\/[\x21\x22\x24-\x3e\x40-\x7e]*)\?([\x21-\x7e\x80-\xff]*) HTTP\/1\.1$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*?)[ \t]*$/;

/** Headers that the recovered request keeps. A push needs no others. */
const KEPT = new Set(["host", "authorization", "accept", "user-agent"]);
/** A second parser invites request smuggling, so requests with headers about a body or the connection are refused. */
const SUSPECT = new Set(["content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"]);

/** Reads one complete GET with a raw query and nothing before or after it. Returns undefined in case of any doubt. */
export function readRescuable(packet: Uint8Array, paths: ReadonlySet<string>): RescuableRequest | undefined {
  if (packet.length > MAX_HEAD_BYTES) return undefined;
  const text = Buffer.from(packet).toString("latin1");
  if (text.indexOf(HEAD_END) !== text.length - HEAD_END.length) return undefined;
  const [requestLine = "", ...lines] = text.slice(0, -HEAD_END.length).split("\r\n");
  const [, path, rawQuery] = REQUEST_LINE.exec(requestLine) ?? [];
  if (path === undefined || rawQuery === undefined || !/[\x80-\xff]/.test(rawQuery)) return undefined;
  const headers = readHeaders(lines);
  return headers !== undefined && paths.has(trimSlashes(path)) ? { path, rawQuery, headers } : undefined;
}

function readHeaders(lines: readonly string[]): Record<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const lower = name.toLowerCase();
    if (SUSPECT.has(lower) || headers.has(lower)) return undefined;
    if (lower === "connection" && !/^(?:close|keep-alive)$/i.test(value)) return undefined;
    if (KEPT.has(lower)) headers.set(lower, value);
  }
  return headers.has("host") ? Object.fromEntries(headers) : undefined;
}

/** Removes trailing slashes, so that paths can be compared. */
export function trimSlashes(path: string): string {
  return path.replace(/\/+$/, "");
}
