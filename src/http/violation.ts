import type { FastifySchemaValidationError } from "fastify/types/schema.js";

/** A violation as Ajv reports it with `verbose`. */
export interface Violation extends FastifySchemaValidationError {
  /** The value in the request. */
  readonly data?: unknown;
  /** The schema that was violated. */
  readonly parentSchema?: { readonly description?: string };
}

type Wanted = (params: Readonly<Record<string, unknown>>, violation: Violation) => string;

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

/** Words for each keyword of the schemas. */
const WANTED: Readonly<Record<string, Wanted>> = {
  type: ({ type }) => `has to be ${[type].flat().map(nameType).join(" or ")}`,
  enum: ({ allowedValues }) => `must be one of: ${[allowedValues].flat().join(", ")}`,
  const: ({ allowedValue }) => `has to be ${JSON.stringify(allowedValue)}`,
  minLength: ({ limit }) => (limit === 1 ? "must not be empty" : `has to have at least ${count(limit, "character")}`),
  maxLength: ({ limit }) => `may have at most ${count(limit, "character")}`,
  pattern: (_params, { parentSchema }) => `has to be ${parentSchema?.description ?? "in another form"}`,
  minimum: ({ limit }) => `has to be at least ${String(limit)}`,
  maximum: ({ limit }) => `may be at most ${String(limit)}`,
  minItems: ({ limit }) => `has to have at least ${count(limit, "entry")}`,
  maxItems: ({ limit }) => `may have at most ${count(limit, "entry")}`,
  uniqueItems: () => "must not have an entry twice",
  minProperties: ({ limit }) => `has to have at least ${count(limit, "member")}`,
  maxProperties: ({ limit }) => `may have at most ${count(limit, "member")}`,
  propertyNames: () => "has a member with a name that is not allowed",
};

/** Keywords that `describeViolation` and its caller have words for. */
export const DESCRIBED_KEYWORDS: ReadonlySet<string> = new Set([
  ...Object.keys(WANTED),
  "required",
  "additionalProperties",
]);

/**
 * Returns a sentence that names the field, what it has to be, and what was found. A text is shown only where a word of a
 * list was expected: elsewhere it may be a token or somebody's message.
 */
export function describeViolation(field: string, violation: Violation): string {
  const { keyword, params, data } = violation;
  const wanted = WANTED[keyword]?.(params, violation) ?? "is not valid";
  return `${field} ${wanted}; found ${describeFound(data, keyword === "enum" || keyword === "const")}.`;
}

const LONGEST_SHOWN = 32;

function describeFound(data: unknown, isWord: boolean): string {
  if (typeof data === "string") {
    if (data === "") return "an empty text";
    const isShown = isWord && data.length <= LONGEST_SHOWN && !/\p{C}/u.test(data);
    return isShown ? JSON.stringify(data) : `a text of ${count(Array.from(data).length, "character")}`;
  }
  if (Array.isArray(data)) return `a list of ${count(data.length, "entry")}`;
  if (typeof data === "object" && data !== null) return `an object of ${count(Object.keys(data).length, "member")}`;
  return data === undefined ? "nothing" : JSON.stringify(data);
}

function nameType(type: unknown): string {
  return TYPES[String(type)] ?? String(type);
}

function count(number: unknown, what: string): string {
  if (number === 1) return `1 ${what}`;
  return `${String(number)} ${what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`}`;
}
