import { Type, type TSchema } from "typebox";
import { recogniseSecret } from "../credentials/recognise-secret.ts";
import { quote } from "../problem.ts";
import { annotationsOf } from "../schema/setting.ts";
import type { Complaint } from "./report.ts";
import { suggest } from "./suggest.ts";

const BOOLEANS = new Map([
  ...["yes", "true", "on"].map((text) => [text, true] as const),
  ...["no", "false", "off"].map((text) => [text, false] as const),
]);

export type ScalarReading = { readonly value: string | number | boolean } | { readonly complaint: Complaint };

/** Reads the text of a single value as the schema's type. */
export function readScalar(schema: TSchema, key: string, text: string): ScalarReading {
  const misplaced = describeMisplaced(schema, text);
  if (misplaced !== undefined) return { complaint: misplaced };
  const value = valueOf(schema, text);
  if (value !== undefined) return { value };
  const found = annotationsOf(schema).secret ? undefined : quote(text);
  const complaint = { message: `expected ${expectationOf(schema)}`, mend: mendOf(schema, key, text) };
  return { complaint: found === undefined ? complaint : { ...complaint, found } };
}

/** Complains about a credential in a setting that does not take one, without showing it. */
function describeMisplaced(schema: TSchema, text: string): Complaint | undefined {
  const { secret, credential } = annotationsOf(schema);
  const kind = secret === true || credential === true ? undefined : recogniseSecret(text);
  if (kind === undefined) return undefined;
  const mend = "remove it here; whoever can read this setting can read it";
  return { message: `expected ${expectationOf(schema)}, but this is a ${kind}`, mend };
}

function valueOf(schema: TSchema, text: string): string | number | boolean | undefined {
  if (Type.IsBoolean(schema)) return BOOLEANS.get(text.trim().toLowerCase());
  if (Type.IsInteger(schema)) return integerOf(schema, text.trim());
  if (Type.IsEnum(schema)) return schema.enum.find((choice) => choice === text.trim().toLowerCase()) ?? undefined;
  const { minLength = 0, pattern } = schema as { minLength?: number; pattern?: string };
  if (text.length < minLength) return undefined;
  return pattern === undefined || new RegExp(pattern, "u").test(text) ? text : undefined;
}

function integerOf(schema: TSchema, text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const { minimum = -Infinity, maximum = Infinity } = schema as { minimum?: number; maximum?: number };
  const value = Number(text);
  return value >= minimum && value <= maximum ? value : undefined;
}

/** Returns the words after "expected". */
export function expectationOf(schema: TSchema): string {
  const { expects } = annotationsOf(schema);
  if (expects !== undefined) return expects;
  if (Type.IsObject(schema)) return "a section";
  if (Type.IsArray(schema)) return "a list";
  if (Type.IsBoolean(schema)) return "yes or no";
  if (Type.IsInteger(schema)) return "a whole number";
  if (Type.IsEnum(schema)) return `one of ${schema.enum.join(", ")}`;
  return "text";
}

/** Returns what to write instead of a wrong or missing value. */
export function mendOf(schema: TSchema, key: string, text = ""): string {
  if (Type.IsEnum(schema)) {
    const meant = suggest(text, schema.enum.map(String));
    return meant === undefined ? `write e.g. ${key}: ${schema.enum[0]}` : `write ${key}: ${meant}`;
  }
  const isItem = key.endsWith("]");
  if (Type.IsObject(schema) && isItem) return "write its settings behind the dash, indented alike";
  if (Type.IsObject(schema)) return `write its settings below ${key}: and indent them`;
  if (Type.IsArray(schema)) return `write a list: one line below ${key}: for each, with a dash before it`;
  return `write e.g. ${isItem ? "-" : `${key}:`} ${exampleOf(schema)}`;
}

function exampleOf(schema: TSchema): string {
  const { default: value, example } = annotationsOf(schema);
  if (example !== undefined) return example;
  if (Type.IsBoolean(schema)) return value === false ? "no" : "yes";
  return typeof value === "string" || typeof value === "number" ? String(value) : "…";
}
