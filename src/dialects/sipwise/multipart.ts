import { GatewayError } from "../../gateway/errors.ts";
import { brokenEncoding, FieldCollector, invalidField, type Field } from "./field.ts";
import { decodeBytes } from "../../push/decode-text.ts";

const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))\s*(?:;|$)/i;
const PARAMETER = /[ \t]*;[ \t]*([\w*-]+)=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s;"]+))[ \t]*/gy;
/** The limit of Node for a request's own header. */
const MAX_HEAD_BYTES = 16 * 1024;
const IDENTITY_ENCODINGS: ReadonlySet<string> = new Set(["", "7bit", "8bit", "binary"]);

/** Reads the text fields of a `multipart/form-data` body (RFC 7578), one character per byte until a part is cut out. */
export function readMultipart(body: Buffer, contentType: string): Field[] {
  const found = new FieldCollector();
  for (const part of splitParts(body.toString("latin1"), readBoundary(contentType))) {
    found.countField();
    readPart(part, found);
  }
  return found.fields;
}

function readBoundary(contentType: string): string {
  const found = BOUNDARY.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw broken("its Content-Type names no boundary of 1 to 70 characters");
  return boundary;
}

/** Text before the first delimiter and after the closing one is ignored (RFC 2046 §5.1.1). */
function* splitParts(body: string, boundary: string): Generator<string> {
  const text = `\r\n${body}`;
  const delimiter = `\r\n--${boundary}`;
  for (let at = text.indexOf(delimiter); at >= 0;) {
    const after = at + delimiter.length;
    if (text.startsWith("--", after)) return;
    const start = text.indexOf("\r\n", after);
    if (start < 0 || text.slice(after, start).trim() !== "") break;
    const end = text.indexOf(delimiter, start);
    if (end >= 0) yield text.slice(start + 2, end);
    at = end;
  }
  throw broken("it has no closing boundary");
}

function readPart(part: string, found: FieldCollector): void {
  const headEnd = part.indexOf("\r\n\r\n");
  if (headEnd < 0) throw broken("a part has no end of its header");
  if (headEnd > MAX_HEAD_BYTES) throw broken(`a part has a header of more than ${MAX_HEAD_BYTES / 1024} KiB`);
  const headers = readHeaders(part.slice(0, headEnd));
  const parameters = readParameters(headers.get("content-disposition") ?? "");
  const name = decodeBytes(parameters.get("name") ?? "");
  if (parameters.has("filename")) throw invalidField(name, "is a file; send text");
  if (!IDENTITY_ENCODINGS.has((headers.get("content-transfer-encoding") ?? "").toLowerCase())) {
    throw brokenEncoding(name, "sent as it is: leave Content-Transfer-Encoding away (RFC 7578 §4.7)");
  }
  found.add(name, decodeBytes(part.slice(headEnd + 4)));
}

function readHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

function readParameters(disposition: string): Map<string, string> {
  const type = /^form-data(?=[ \t;]|$)/i.exec(disposition)?.[0];
  if (type === undefined) throw broken("a part has no Content-Disposition: form-data");
  const parameters = new Map<string, string>();
  const scan = new RegExp(PARAMETER);
  let end = (scan.lastIndex = type.length);
  for (let found = scan.exec(disposition); found !== null; found = scan.exec(disposition)) {
    const [, key = "", quoted, token = ""] = found;
    parameters.set(key.toLowerCase(), quoted === undefined ? token : quoted.replace(/\\(.)/g, "$1"));
    end = scan.lastIndex;
  }
  if (end < disposition.length || !parameters.has("name")) throw broken("a part's Content-Disposition names no field");
  return parameters;
}

function broken(why: string): GatewayError {
  return new GatewayError("invalid_encoding", `The multipart/form-data body cannot be read: ${why}.`);
}
