import { brokenEncoding, FieldCollector, type Field } from "./field.ts";
import { decodeFormValue, plusMeaningOf } from "../../push/form-value.ts";
import { decodePercent, type DecodeOptions } from "../../push/percent.ts";

/** What SEMS writes into its query, as it stands in the call: `+` is a plus, and nothing is encoded. */
const RAW_IN_QUERY: ReadonlySet<string> = new Set(["caller", "callee", "domain"]);
const FORM_RULES: DecodeOptions = { plusIsSpace: true };
const LITERAL_PLUS: DecodeOptions = { plusIsSpace: false };

/** A query, one character per byte. */
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

/** The body of an `application/x-www-form-urlencoded` request. */
export function readForm(body: Buffer): Field[] {
  const found = new FieldCollector();
  for (const pair of splitPairs(body.toString("latin1"), found)) {
    const name = decodePercent(pair.name, FORM_RULES);
    const value = name === undefined ? undefined : decodeFormValue(pair.value, plusMeaningOf(name));
    if (name === undefined || value === undefined) throw brokenEncoding(name ?? pair.name, "percent-encoded");
    found.add(name, value);
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
function escapeLiteral(text: string): string {
  return /%(?![0-9a-f]{2})/i.test(text) ? text.replaceAll("%", "%25") : text;
}
