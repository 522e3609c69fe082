import { GatewayError } from "../../gateway/errors.ts";
import { readGiven } from "../../push/not-given.ts";

/** One decoded field under its sender's name. A name may occur more than once. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

// Prosody sends 14 fields, and the longest name of any known sender has 21 characters.
const MAX_FIELDS = 200;
const MAX_NAME_LENGTH = 128;

/** Collects the fields of one source, within limits. */
export class FieldCollector {
  readonly fields: Field[] = [];
  #count = 0;

  /**
   * Call before a field is read, so that a body of a million fields, with or without names, is not read to its end.
   * Throws a GatewayError at the limit.
   */
  countField(): void {
    this.#count += 1;
    if (this.#count > MAX_FIELDS) {
      throw new GatewayError("invalid_field", `The request has more than ${MAX_FIELDS} fields.`);
    }
  }

  /** A field without a name has no meaning and is dropped. */
  add(name: string, value: string): void {
    if (name === "") return;
    if (name.length > MAX_NAME_LENGTH) {
      const message = `A field has a name of ${name.length} characters; at most ${MAX_NAME_LENGTH} are allowed.`;
      throw new GatewayError("invalid_field", message, { field: shorten(name) });
    }
    this.fields.push({ name, value });
  }
}

export function brokenEncoding(name: string, what: string): GatewayError {
  const field = shorten(name);
  return new GatewayError("invalid_encoding", `The field "${field}" is not ${what}.`, { field });
}

export function invalidField(name: string, message: string): GatewayError {
  const field = shorten(name);
  return new GatewayError("invalid_field", `The field "${field}" ${message}.`, { field });
}

/**
 * Returns the only value of a field that decides where the push goes or what it is. Repeating the same value is
 * harmless. Two values mean that another field's value smuggled one in (`caller=1&callee=mallory`).
 */
export function onlyValue(fields: readonly Field[], name: string): string | undefined {
  const values = new Set(fields.filter((field) => field.name === name).map((field) => field.value));
  if (values.size > 1) {
    const message = `The field "${name}" comes ${values.size} times with different values; send it once.`;
    throw new GatewayError("repeated_field", message, { field: name });
  }
  return values.values().next().value;
}

/** Like `onlyValue`, but trimmed; undefined if the value is a placeholder (`<null>`, `_undef_`). */
export function findValue(fields: readonly Field[], name: string): string | undefined {
  return readGiven(onlyValue(fields, name));
}

/** Returns fields with this prefix, by the rest of their name. Of a repeated one, the last. */
export function fieldsBehind(prefix: string, fields: readonly Field[]): Map<string, Field> {
  const behind = fields.filter(({ name }) => name.startsWith(prefix) && name.length > prefix.length);
  return new Map(behind.map((field) => [field.name.slice(prefix.length), field]));
}

/** Returns undefined for a missing or empty field. */
export function readFlag(field: Field | undefined): boolean | undefined {
  if (field === undefined || field.value === "") return undefined;
  if (field.value === "1" || field.value === "true") return true;
  if (field.value === "0" || field.value === "false") return false;
  throw invalidField(field.name, "is neither 0, 1, true nor false");
}

function shorten(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…`.toWellFormed() : name.toWellFormed();
}
