import { GatewayError } from "../gateway/errors.ts";
import { decodeBody, decodeBytes } from "../push/decode-text.ts";
import { decodeLooseFormValue, plusMeaningOf } from "../push/form-value.ts";
import { isNotGiven } from "../push/not-given.ts";
import { decodePercent } from "../push/percent.ts";

/** Fields of a request, by the sender's names. */
export type Fields = ReadonlyMap<string, string>;

const MAX_FIELDS = 100;

export interface UrlencodedRules {
  /** True for forms as browsers write them. In a template filled in by hand a plus is a plus. */
  readonly plusIsSpace: boolean;
}

/**
 * Reads a query or a form of one character per byte. A text without valid escapes was not encoded and stands for
 * itself.
 */
export function readUrlencoded(latin1: string, { plusIsSpace }: UrlencodedRules): Fields {
  const pieces = latin1.replace(/^\xef\xbb\xbf/, "").split("&", MAX_FIELDS + 1);
  requireFewFields(pieces.length);
  const decode = (encoded: string) => decodePercent(encoded, { plusIsSpace: false }) ?? decodeBytes(encoded);
  const pairs = pieces.filter((pair) => pair !== "");
  return collectFields(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 0) return [decode(pair), ""];
      const name = decode(pair.slice(0, equals));
      const value = pair.slice(equals + 1);
      return [name, plusIsSpace ? decodeLooseFormValue(value, plusMeaningOf(name)) : decode(value)];
    }),
  );
}

function requireFewFields(count: number): void {
  if (count > MAX_FIELDS) {
    throw new GatewayError("invalid_field", `The request has more than ${MAX_FIELDS} fields.`);
  }
}

/** Repeating a field with the same value is harmless. Two values mean that another field's value smuggled one in. */
function collectFields(pairs: readonly (readonly [string, string])[]): Fields {
  requireFewFields(pairs.length);
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) {
    if ((fields.get(name) ?? value) !== value) {
      const field = name.slice(0, 64).toWellFormed();
      throw new GatewayError("repeated_field", `The field "${field}" comes twice with different values.`, { field });
    }
    fields.set(name, value);
  }
  return fields;
}

/**
 * Decodes a text. One with an invalid escape was not escaped at all and is returned unchanged. `decodeURIComponent`
 * reports that by an exception, which takes a hundred times longer.
 */
export function unescape(text: string): string {
  if (!text.includes("%")) return text;
  return decodePercent(Buffer.from(text, "utf8").toString("latin1"), { plusIsSpace: false }) ?? text;
}

/** Returns the scalar members of a JSON object. The dialect handles lists and objects in it. */
export function readMembers(object: Readonly<Record<string, unknown>>): Fields {
  const members = Object.entries(object).flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return collectFields(members);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.toWellFormed();
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function readJsonObject(body: Uint8Array): JsonObject {
  const value = parse(decodeBody(body));
  if (isJsonObject(value)) return value;
  throw new GatewayError("invalid_json", "The body has to be a JSON object.");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new GatewayError("invalid_json", "The body is not valid JSON.");
  }
}

/** Returns the first of these fields with a value, because senders spell them differently. */
export function findField(fields: Fields, ...names: readonly [string, ...string[]]): string | undefined {
  for (const name of names) {
    const value = fields.get(name)?.trim();
    if (value !== undefined && !isNotGiven(value) && !isLeftOver(value)) return value;
  }
  return undefined;
}

/** `$callid`, `${payload}`: placeholders that the sender did not fill in. */
function isLeftOver(value: string): boolean {
  return /^\$(?:[a-z-]+|\{[a-z_]+\})$/.test(value);
}

export function needField(fields: Fields, ...names: readonly [string, ...string[]]): string {
  const value = findField(fields, ...names);
  if (value !== undefined) return value;
  const [field] = names;
  throw new GatewayError("missing_field", `The field "${field}" is missing or empty.`, { field });
}

/** Returns a non-negative integer; undefined for any other value. */
export function findCount(fields: Fields, ...names: readonly [string, ...string[]]): number | undefined {
  const text = findField(fields, ...names);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export function invalidField(field: string, message: string): GatewayError {
  return new GatewayError("invalid_field", `The field "${field}" ${message}.`, { field });
}
