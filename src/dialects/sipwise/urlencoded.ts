import { brokenEncoding, FieldCollector, invalidField, type Field } from "./field.ts";
import { decodeFormValue, plusMeaningOf } from "../../push/form-value.ts";
import { decodePercent, type DecodeOptions } from "../../push/percent.ts";

/** Fields that SEMS writes into its query unencoded, so `+` is a plus. */
const RAW_IN_QUERY: ReadonlySet<string> = new Set(["caller", "callee", "domain"]);
const FORM_RULES: DecodeOptions = { plusIsSpace: true };
const LITERAL_PLUS: DecodeOptions = { plusIsSpace: false };

/** Reads a query of one character per byte. */
export function readQuery(rawQuery: string): Field[] {
  const found = new FieldCollector();
  for (const pair of splitPairs(rawQuery, found)) {
    const name = decodePercent(escapeLiteral(pair.name), FORM_RULES) ?? pair.name;
    const value = escapeLiteral(pair.value);
    const decoded = RAW_IN_QUERY.has(name)
      ? decodePercent(value, LITERAL_PLUS)
      : decodeFormValue(value, plusMeaningOf(name));
    found.add(name, decoded ?? pair.value);
  }
  return found.fields;
}

/** A third of the longest body that Prosody sends, which repeats its text three times, has 1,396,730 bytes. */
const MAX_ENCODED_BYTES = 1.5 * 1024 * 1024;

/** Reads the body of an `application/x-www-form-urlencoded` request. */
export function readForm(body: Buffer): Field[] {
  const found = new FieldCollector();
  const decodeValue = rememberLong((encoded, name) => decodeFormValue(encoded, plusMeaningOf(name)));
  for (const pair of splitPairs(body.toString("latin1"), found)) {
    requireShort(pair);
    const name = decodePercent(pair.name, FORM_RULES);
    const value = name === undefined ? undefined : decodeValue(pair.value, name);
    if (name === undefined || value === undefined) throw brokenEncoding(name ?? pair.name, "percent-encoded");
    found.add(name, value);
  }
  return found.fields;
}

function requireShort({ name, value }: Field): void {
  const bytes = name.length + value.length;
  if (bytes <= MAX_ENCODED_BYTES) return;
  throw invalidField(name, `has ${bytes} bytes, encoded; at most ${MAX_ENCODED_BYTES} are allowed`);
}

type DecodeValue = (encoded: string, name: string) => string | undefined;

/** Longer values are text regardless of the field's name, so the name does not affect their decoding. */
const LONG_BYTES = 65_536;

/**
 * Prosody repeats the text of a message in three fields. Comparing a long value with the previous one is faster than
 * decoding it again.
 */
function rememberLong(decode: DecodeValue): DecodeValue {
  let last: { readonly encoded: string; readonly decoded: string | undefined } | undefined;
  return (encoded, name) => {
    if (encoded.length < LONG_BYTES) return decode(encoded, name);
    if (last?.encoded !== encoded) last = { encoded, decoded: decode(encoded, name) };
    return last.decoded;
  };
}

function* splitPairs(text: string, found: FieldCollector): Generator<Field> {
  for (let start = 0; start < text.length;) {
    found.countField();
    const next = text.indexOf("&", start);
    const end = next < 0 ? text.length : next;
    if (end > start) yield splitPair(text.slice(start, end));
    start = end + 1;
  }
}

function splitPair(pair: string): Field {
  const equals = pair.indexOf("=");
  return equals < 0 ? { name: pair, value: "" } : { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
}

/** A `%` that does not start an escape shows that the sender does not encode, so the whole text is literal. */
function escapeLiteral(text: string): string {
  return /%(?![0-9a-f]{2})/i.test(text) ? text.replaceAll("%", "%25") : text;
}
