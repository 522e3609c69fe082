import { brokenEncoding, FieldCollector, type Field } from "./field.ts";
import { decodePercent, type DecodeOptions } from "../percent.ts";

/** What SEMS writes into its query, as it stands in the call: `+` is a plus, and nothing is encoded. */
const RAW_IN_QUERY: ReadonlySet<string> = new Set(["caller", "callee", "domain"]);
const NUMBERS: ReadonlySet<string> = new Set(["caller", "callee"]);
const FORM_RULES: DecodeOptions = { plusIsSpace: true };
const LITERAL_PLUS: DecodeOptions = { plusIsSpace: false };

/** A query, one character per byte. */
export function readQuery(rawQuery: string): Field[] {
  const found = new FieldCollector();
  for (const pair of splitPairs(rawQuery, found)) {
    const name = decodeQueryText(pair.name, FORM_RULES) ?? pair.name;
    const value = decodeQueryText(pair.value, RAW_IN_QUERY.has(name) ? LITERAL_PLUS : FORM_RULES);
    if (value === undefined) throw brokenEncoding(name, "valid UTF-8");
    found.add(name, value);
  }
  return found.fields;
}

/** The body of an `application/x-www-form-urlencoded` request. */
export function readForm(body: Buffer): Field[] {
  const found = new FieldCollector();
  for (const pair of splitPairs(body.toString("latin1"), found)) {
    const name = decodePercent(pair.name, FORM_RULES);
    const value = decodePercent(pair.value, FORM_RULES);
    if (name === undefined || value === undefined) {
      throw brokenEncoding(name ?? pair.name, "valid percent-encoded UTF-8");
    }
    found.add(name, NUMBERS.has(name) ? restorePlus(value) : value);
  }
  return found.fields;
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

/** A `%` that starts no escape shows that the sender does not encode: then all of the text is literal. */
function decodeQueryText(text: string, options: DecodeOptions): string | undefined {
  return decodePercent(/%(?![0-9a-f]{2})/i.test(text) ? text.replaceAll("%", "%25") : text, options);
}

/** `curl -d caller=+43…` sends the plus raw, and a form's raw plus is a space. No number starts with a space. */
function restorePlus(value: string): string {
  return value.replace(/^((?:sips?:)?) (?=\d)/i, "$1+");
}
