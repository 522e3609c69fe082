import type { Input } from "./cost-fixture.ts";

/** A kind of expensive input, built from a repeated unit of text to a size in bytes. */
export interface InputShape {
  readonly name: string;
  /** The largest size that the route accepts. */
  readonly maxBytes: number;
  readonly build: (bytes: number, unit: string) => Input;
}

export const KIB = 1024;
export const MIB = 1024 * KIB;
/** A little less than a route accepts. */
export const LARGEST = 5 * MIB - 2 * KIB;
export const LARGEST_BUT_FORMS = MIB - 2 * KIB;
export const FORM = { "content-type": "application/x-www-form-urlencoded" };
export const JSON_TYPE = { "content-type": "application/json" };
export const BOUNDARY = "b0undary";
export const MULTIPART = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
export const MESSAGE = "callee=alice&domain=example.org&data_type=message&data_message=";

/** Returns a text of at most that many bytes when encoded as a form's value. */
export function fill(bytes: number, unit: string): string {
  return unit.repeat(Math.max(1, Math.floor(bytes / Buffer.byteLength(unit))));
}

export function many(bytes: number, write: (index: number) => string, separator: string): string {
  const each = write(9_999_999).length + separator.length;
  return Array.from({ length: Math.floor(bytes / each) }, (_, index) => write(index)).join(separator);
}

export const post = (url: string, headers: Record<string, string>, body: string | Buffer): Input => ({
  method: "POST",
  url,
  headers,
  body,
});

export function registration(contact: string, more: object = {}): Input {
  return post("/v1/registrations", JSON_TYPE, JSON.stringify({ aor: "alice@example.org", contact, ...more }));
}

/** Factor by which JSON escapes lengthen it. */
export const escapesOf = (unit: string) => (Buffer.byteLength(JSON.stringify(unit)) - 2) / Buffer.byteLength(unit);

export const escaped = (text: string) => encodeURIComponent(text).replaceAll("%20", "+");

export function call(data: Record<string, string>, more: object = {}): string {
  return JSON.stringify({ call_id: "c1", callee: "alice@example.org", data, ...more });
}

/** Units of text: plain, JSON escapes, characters of several code units, lone surrogates. */
export const UNITS: readonly string[] = [
  "x",
  '"',
  "\\",
  "\u0001",
  "é",
  "%",
  "+",
  "👨‍👩‍👧‍👦",
  "\u200d",
  "e\u0301",
  "&",
  "\r\n",
  " ",
];
