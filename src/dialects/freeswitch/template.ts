import type { ForeignRequest } from "../../gateway/dialect.ts";
import { decodeBody } from "../../push/decode-text.ts";
import { isJsonObject, readMembers, readUrlencoded, type Fields, type JsonObject } from "../fields.ts";
import { readSegments } from "../paths-below.ts";
import { listJsonTokens } from "./json-tokens.ts";

export interface FilledTemplate {
  readonly fields: Fields;
  /** The event's own JSON, such as `{"content-available":true,"custom":[…]}`; empty if there is none. */
  readonly payload: JsonObject;
}

/** Order in the URL of the module's README: `/${type}/${realm}/${user}/${token}/${app_id}/${platform}`. */
const IN_PATH = ["type", "realm", "user", "token", "app_id", "platform"];
const AS_WRITTEN = { plusIsSpace: false };

/**
 * Reads a filled template. The module inserts bare values without any escaping, so `payload`, which is JSON, is cut out
 * first. The body's type is missing or wrong.
 */
export function readTemplate(
  { path, rawQuery, body, method }: ForeignRequest,
  bases: readonly string[],
): FilledTemplate {
  const inPath = readSegments(path, bases).map((value, index) => [IN_PATH[index] ?? "", value] as const);
  const query = cutPayload(rawQuery, /(?:^|&)payload=/);
  const text = method === "GET" ? "" : decodeBody(body).trim();
  const isJson = text.startsWith("{");
  const filled = cutPayload(text, isJson ? /"payload"\s*:/ : /(?:^|&)payload=/);
  const inBody = isJson
    ? readLooseJson(filled.rest)
    : readUrlencoded(Buffer.from(filled.rest).toString("latin1"), AS_WRITTEN);
  const fields = new Map([...inPath, ...readUrlencoded(query.rest, AS_WRITTEN), ...inBody]);
  return { fields, payload: filled.payload ?? query.payload ?? readPayload(fields.get("payload") ?? "") ?? {} };
}

interface Cut {
  readonly rest: string;
  readonly payload: JsonObject | undefined;
}

/** Cuts the first JSON object after the mark out of the text. */
function cutPayload(text: string, mark: RegExp): Cut {
  const found = mark.exec(text);
  const start = found === null ? -1 : found.index + found[0].length;
  const length = start < 0 ? 0 : measureObject(text.slice(start));
  if (length === 0) return { rest: text, payload: undefined };
  return {
    rest: `${text.slice(0, start)}${text.slice(start + length)}`,
    payload: readPayload(text.slice(start, start + length)),
  };
}

/** Returns the length of the JSON object at the start of the text, or 0 if there is none. */
function measureObject(text: string): number {
  let depth = 0;
  for (const token of listJsonTokens(text)) {
    if (token.text === "{") depth += 1;
    else if (depth === 0) return 0;
    if (token.text === "}") depth -= 1;
    if (depth === 0) return token.end;
  }
  return 0;
}

function readPayload(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The module's own template lacks a comma, and has no value for a missing payload, so only its text members are read.
 */
function readLooseJson(text: string): Fields {
  const tokens = listJsonTokens(text).map((token) => token.text);
  const members = tokens.flatMap((name, index) => {
    const [colon, value = "", next] = tokens.slice(index + 1, index + 4);
    const isMember = isString(name) && colon === ":" && isString(value) && next !== ":";
    return isMember ? [[readString(name), readString(value)]] : [];
  });
  return readMembers(Object.fromEntries(members));
}

function isString(token: string): boolean {
  return token.length > 1 && token.startsWith('"') && token.endsWith('"');
}

function readString(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
