import type { ForeignRequest } from "../../gateway/dialect.ts";
import { findField, invalidField, readJsonObject, readMembers, readUrlencoded, type Fields } from "../fields.ts";

/** The middleware accepts forms and JSON alike. */
export function readForm({ body, contentType }: ForeignRequest): Fields {
  if (/^\s*application\/json\b/i.test(contentType ?? "")) return readMembers(readJsonObject(body));
  return readUrlencoded(Buffer.from(body).toString("latin1"), { plusIsSpace: true });
}

const YES = new Set(["true", "t", "yes", "y", "on", "1"]);
const NO = new Set(["false", "f", "no", "n", "off", "0"]);

/** Vialer sends `True` on an iPhone and `true` on Android. */
export function readFlag(fields: Fields, name: string, usual: boolean): boolean {
  const word = findField(fields, name)?.toLowerCase();
  if (word === undefined) return usual;
  if (YES.has(word) || NO.has(word)) return YES.has(word);
  throw invalidField(name, "must be true or false");
}
