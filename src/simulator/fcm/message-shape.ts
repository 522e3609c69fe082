import { isObject } from "../exchange.ts";
import type { FieldViolation } from "./answers.ts";

/** Type of a field in Google's message, detailed enough to detect a sender's mistakes. */
type Shape = "string" | "boolean" | "number" | "any" | "strings" | { readonly [field: string]: Shape };

const NOTIFICATION: Shape = { title: "string", body: "string", image: "string" };
const FCM_OPTIONS: Shape = { analytics_label: "string" };

/** https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages */
const REQUEST: Shape = {
  validate_only: "boolean",
  message: {
    name: "string",
    token: "string",
    fid: "string",
    topic: "string",
    condition: "string",
    data: "strings",
    notification: NOTIFICATION,
    fcm_options: FCM_OPTIONS,
    android: {
      priority: "string",
      ttl: "string",
      collapse_key: "string",
      restricted_package_name: "string",
      data: "strings",
      notification: "any",
      direct_boot_ok: "boolean",
      bandwidth_constrained_ok: "boolean",
      restricted_satellite_ok: "boolean",
      fcm_options: FCM_OPTIONS,
    },
    apns: { headers: "strings", payload: "any", live_activity_token: "string", fcm_options: "any" },
    webpush: { headers: "strings", data: "strings", notification: "any", fcm_options: "any" },
  },
};

/**
 * Returns the first field that does not match Google's types, or undefined. Google's JSON accepts snake_case and
 * camelCase.
 */
export function findMisshapenField(request: unknown): FieldViolation | undefined {
  return checkShape(request, REQUEST, "");
}

/** Returns the name as the documentation spells it. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function checkShape(value: unknown, shape: Shape, path: string): FieldViolation | undefined {
  if (shape === "any" || value === null || value === undefined) return undefined;
  if (shape === "strings") return checkStrings(value, path);
  if (typeof shape === "string") return typeof value === shape ? undefined : wrongType(path, shape, value);
  if (!isObject(value)) return wrongType(path, "object", value);
  for (const [name, child] of Object.entries(value)) {
    const field = toSnakeCase(name);
    const expected = Object.hasOwn(shape, field) ? shape[field] : undefined;
    if (expected === undefined) return unknownName(name, path);
    const violation = checkShape(child, expected, path === "" ? field : `${path}.${field}`);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

/** Checks a map of strings. Google names a wrong entry by its number. */
function checkStrings(value: unknown, path: string): FieldViolation | undefined {
  if (!isObject(value)) return wrongType(path, "object", value);
  const index = Object.values(value).findIndex((entry) => typeof entry !== "string");
  return index < 0 ? undefined : wrongType(`${path}[${index}].value`, "string", Object.values(value)[index]);
}

const PROTO_TYPES = {
  string: "TYPE_STRING",
  boolean: "TYPE_BOOL",
  number: "TYPE_INT32",
  object: "TYPE_MESSAGE",
} as const;

function wrongType(field: string, expected: keyof typeof PROTO_TYPES, value: unknown): FieldViolation {
  const description = `Invalid value at '${field}' (${PROTO_TYPES[expected]}), ${JSON.stringify(value)}`;
  return { field, description };
}

function unknownName(name: string, path: string): FieldViolation {
  const where = path === "" ? "" : ` at '${path}'`;
  return {
    field: path,
    description: `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`,
  };
}
