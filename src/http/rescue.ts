/**
 * SEMS writes a caller's name into the request line as it is: raw UTF-8, which RFC 9112 §3.2 forbids and Node's HTTP/1.1
 * parser refuses before any handler sees it. The push is worth saving: such a request is read here, and only such a one.
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

/** What the rescued request keeps; all else is of no use to a push. */
const KEPT = new Set(["host", "authorization", "accept", "user-agent"]);
/** A second parser is where requests get smuggled: anything that speaks of a body or of the connection is not for this one. */
const SUSPECT = new Set(["content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"]);

/** One whole GET with a raw query and nothing before or after it; undefined where there is any doubt. */
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

/** The spelling by which paths are compared here: without the slash at the end. */
export function trimSlashes(path: string): string {
  return path.replace(/\/+$/, "");
}
