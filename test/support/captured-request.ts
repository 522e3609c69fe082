import { readdirSync, readFileSync } from "node:fs";
import type { ForeignMethod, ForeignRequest } from "../../src/gateway/dialect.ts";

export const CAPTURES = new URL("../captures/", import.meta.url);

const METHODS: readonly ForeignMethod[] = ["GET", "POST", "PUT", "DELETE"];

/** Lists the requests in a folder of the captures. */
export function listCaptures(folder: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, CAPTURES))
    .filter((name) => name.endsWith(".http") || name.endsWith(".json"))
    .map((name) => `${folder}/${name}`);
}

/**
 * Returns a platform's captured request as a dialect receives it. Captures hold bytes of HTTP/1.1, or a decoded HTTP/2
 * request.
 */
export function readCapture(file: string): ForeignRequest {
  const bytes = readFileSync(new URL(file, CAPTURES));
  return file.endsWith(".json") ? readHttp2(bytes.toString("utf8")) : readHttp1(bytes);
}

function readHttp1(bytes: Buffer): ForeignRequest {
  const headEnd = bytes.indexOf("\r\n\r\n");
  const [requestLine = "", ...lines] = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const headers = new Map(lines.map((line) => splitAt(line, ": ")).map(([name, value]) => [name.toLowerCase(), value]));
  const [method, rest] = splitAt(requestLine, " ");
  const target = rest.slice(0, rest.lastIndexOf(" HTTP/"));
  return foreignRequest(method, target, headers.get("content-type"), bytes.subarray(headEnd + 4));
}

function readHttp2(text: string): ForeignRequest {
  const { headers, body } = JSON.parse(text) as { headers: Record<string, string>; body: string };
  return foreignRequest(headers[":method"] ?? "", headers[":path"] ?? "", headers["content-type"], Buffer.from(body));
}

function foreignRequest(
  name: string,
  target: string,
  contentType: string | undefined,
  body: Uint8Array,
): ForeignRequest {
  const method = METHODS.find((known) => known === name);
  if (method === undefined) throw new Error(`A capture with method ${name}`);
  const [path, rawQuery] = splitAt(target, "?");
  return { method, path, rawQuery, contentType, body };
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
