import { Type, type TObject, type TSchema } from "typebox";
import { ConfigSchema } from "../schema/config-schema.ts";
import { annotationsOf } from "../schema/setting.ts";
import { compact } from "../../push/compact.ts";

export type JsonSchema = { readonly [keyword: string]: unknown };

const YES_NO = ["yes", "no", "on", "off", "true", "false"];

/**
 * Returns a JSON Schema of the configuration file for editors. It is as lenient as the loader (`port: "45060"`, `key:
 * ''`).
 */
export function configJsonSchema(): JsonSchema {
  const settings = { $ref: "#/$defs/settings" };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:sip-pushd:configuration",
    title: "sip-pushd configuration",
    description:
      "The settings stand at the top of the file or below `pushd:`, among the sections of an NGCP config.yml.",
    // With `anyOf`, the first message for a misspelt key would be that `pushd` is missing.
    if: { type: "object", required: ["pushd"] },
    // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
    then: { properties: { pushd: settings } },
    else: settings,
    $defs: { settings: sectionOf(ConfigSchema) },
  };
}

function schemaOf(schema: TSchema): JsonSchema {
  const { description, default: value, ignored } = annotationsOf(schema);
  const notes = compact({
    description,
    default: value,
    deprecated: ignored ? true : undefined,
  });
  return { ...notes, ...formOf(schema) };
}

function formOf(schema: TSchema): JsonSchema {
  if (Type.IsObject(schema)) return sectionOf(schema);
  if (Type.IsArray(schema)) return { type: ["array", "null"], items: schemaOf(schema.items) };
  if (Type.IsBoolean(schema)) return { anyOf: [{ type: "boolean" }, { enum: YES_NO }, absent(schema)] };
  if (Type.IsInteger(schema))
    return { anyOf: [integerOf(schema), { type: "string", pattern: "^\\d+$" }, absent(schema)] };
  if (Type.IsEnum(schema)) return { anyOf: [{ enum: schema.enum }, absent(schema)] };
  if (!Type.IsString(schema)) return {};
  const { pattern, minLength } = schema as { pattern?: string; minLength?: number };
  if (pattern !== undefined) return { type: "string", pattern };
  // YAML reads a key id of digits as a number.
  if (minLength !== undefined) return { type: ["string", "number"], minLength };
  return { type: ["string", "number", "null"] };
}

/** Returns the values that count as missing. A setting without a default is required. */
function absent(schema: TSchema): JsonSchema {
  const needed = !Type.IsOptional(schema) && annotationsOf(schema).default === undefined;
  return needed ? { not: {} } : { enum: [null, ""] };
}

function integerOf(schema: TSchema): JsonSchema {
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
  return compact({
    type: "integer",
    minimum,
    maximum,
  });
}

function sectionOf(schema: TObject): JsonSchema {
  const entries = Object.entries(schema.properties);
  const required = entries.flatMap(([key, property]) => (isRequired(property) ? [key] : []));
  return compact({
    description: annotationsOf(schema).description,
    type: required.length > 0 ? "object" : ["object", "null"],
    properties: Object.fromEntries(entries.map(([key, property]) => [key, schemaOf(property)])),
    required: required.length > 0 ? required : undefined,
    additionalProperties: false,
  });
}

function isRequired(schema: TSchema): boolean {
  return !Type.IsOptional(schema) && !Type.IsObject(schema) && annotationsOf(schema).default === undefined;
}
