import type { FastifyInstance } from "fastify";
import { GatewayError } from "../gateway/errors.ts";
import { decodeLooseFormValue, plusMeaningOf } from "../push/form-value.ts";

const FORM = "application/x-www-form-urlencoded";
const MAX_FIELDS = 200;

/**
 * Lets a route accept a form instead of JSON, because a proxy's script can write one without quoting (Kamailio:
 * `{s.escape.param}`). A field may occur once. Those in `numbers` are whole numbers, `headers.NAME` fills an object of
 * that name, and empty fields are dropped.
 */
export function acceptForms(app: FastifyInstance, numbers: ReadonlySet<string>): void {
  app.addContentTypeParser<Buffer>(FORM, { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, readForm(body.toString("latin1"), numbers));
    } catch (error) {
      done(error as Error);
    }
  });
}

function readForm(body: string, numbers: ReadonlySet<string>): Record<string, unknown> {
  const pairs = body.split("&", MAX_FIELDS + 1);
  if (pairs.length > MAX_FIELDS) {
    throw new GatewayError("invalid_field", `The form has more than ${MAX_FIELDS} fields.`);
  }
  const fields = new Map<string, unknown>();
  const groups = new Map<string, Map<string, string>>();
  for (const pair of pairs) {
    const [encodedName = "", encoded = ""] = cutPair(pair);
    const name = decodeLooseFormValue(encodedName, "text");
    const value = decodeLooseFormValue(encoded, plusMeaningOf(name));
    if (name === "" || value === "") continue;
    if (fields.has(name)) throw new GatewayError("repeated_field", `The field "${name}" comes twice.`, { field: name });
    const [, group, member] = /^(\w+)\.(.+)$/.exec(name) ?? [];
    if (group === undefined || member === undefined) fields.set(name, numbers.has(name) ? readNumber(value) : value);
    else groups.set(group, (groups.get(group) ?? new Map()).set(member, value));
  }
  return Object.fromEntries([...fields, ...[...groups].map(([name, of]) => [name, Object.fromEntries(of)])]);
}

function cutPair(pair: string): readonly string[] {
  const equals = pair.indexOf("=");
  return equals < 0 ? [pair] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** Leaves other text unchanged, so that the schema reports the error with the field's name. */
function readNumber(text: string): number | string {
  return /^\d{1,10}$/.test(text) ? Number(text) : text;
}
