import { GatewayError } from "../../gateway/errors.ts";
import { readGiven } from "../../push/not-given.ts";

/** One field of a request as its sender named it, decoded. A name may come more than once. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

// Prosody sends 14 fields and the longest name that a known sender uses has 21 characters.
const MAX_FIELDS = 200;
const MAX_NAME_LENGTH = 128;

/** Collects the fields of one source, within bounds. */
export class FieldCollector {
  readonly fields: Field[] = [];
  #count = 0;

  /** To be called before a field is read, so that a body of a million fields, nameless or not, is not read to its end. */
  countField(): void {
    this.#count += 1;
    if (this.#count > MAX_FIELDS) {
      throw new GatewayError("invalid_field", `The request has more than ${MAX_FIELDS} fields.`);
    }
  }

  /** A field without a name says nothing and is left out. */
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
 * The one value of a field that decides where the push goes or what it is. Saying it twice in the same words is
 * harmless; two different ones mean that one value was smuggled in by another (`caller=1&callee=mallory`).
 */
export function onlyValue(fields: readonly Field[], name: string): string | undefined {
  const values = new Set(fields.filter((field) => field.name === name).map((field) => field.value));
  if (values.size > 1) {
    const message = `The field "${name}" comes ${values.size} times with different values; send it once.`;
    throw new GatewayError("repeated_field", message, { field: name });
  }
  return values.values().next().value;
}

/** As `onlyValue`, without blanks around it; undefined if the field says nothing (`<null>`, `_undef_`). */
export function findValue(fields: readonly Field[], name: string): string | undefined {
  return readGiven(onlyValue(fields, name));
}

/** The fields whose name starts so, under the rest of their name; of a repeated one the last. */
export function fieldsBehind(prefix: string, fields: readonly Field[]): Map<string, Field> {
  const behind = fields.filter(({ name }) => name.startsWith(prefix) && name.length > prefix.length);
  return new Map(behind.map((field) => [field.name.slice(prefix.length), field]));
}

/** Empty is absent. */
export function readFlag(field: Field | undefined): boolean | undefined {
  if (field === undefined || field.value === "") return undefined;
  if (field.value === "1" || field.value === "true") return true;
  if (field.value === "0" || field.value === "false") return false;
  throw invalidField(field.name, "is neither 0, 1, true nor false");
}

function shorten(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…`.toWellFormed() : name.toWellFormed();
}
