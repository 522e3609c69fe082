import { GatewayError } from "../../gateway/errors.ts";
import { brokenEncoding, FieldCollector, invalidField, type Field } from "./field.ts";
import { decodeBody } from "../../push/decode-text.ts";

/** One member of a flat object: its name, and its value or opening bracket. */
const MEMBER = /\s*("[^"\\]*(?:\\.[^"\\]*)*")\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*"|[-+.\w]+|[[{])\s*[,}]?/gy;

/**
 * Reads a flat JSON object. It is scanned in addition to being parsed, because an object keeps neither repeated names
 * nor the digits of a long number (439911234567890123 would change). The scan comes first, so nested objects and
 * objects with a million members are refused before parsing.
 */
export function readJson(body: Buffer): Field[] {
  const text = decodeBody(body);
  const start = /^\s*\{/.exec(text)?.[0].length;
  if (start === undefined) {
    const message = "The JSON body is not an object; send one with the fields as its members.";
    throw new GatewayError("invalid_json", message);
  }
  const members = scanMembers(text, start);
  requireJson(text);
  const found = new FieldCollector();
  for (const { name: quoted, value } of members) {
    const name = readString(quoted, "(name)");
    if (value !== "null") found.add(name, value.startsWith('"') ? readString(value, name) : value);
  }
  return found.fields;
}

/** Returns names and values as written, up to the end of the object or to invalid JSON. */
function scanMembers(text: string, start: number): readonly Field[] {
  const members: Field[] = [];
  const counter = new FieldCollector();
  const scan = new RegExp(MEMBER);
  scan.lastIndex = start;
  for (let member = scan.exec(text); member !== null; member = scan.exec(text)) {
    const [, name = '""', value = ""] = member;
    counter.countField();
    if (value === "{" || value === "[") throw invalidField(readName(name), "is an object or a list; send text");
    members.push({ name, value });
  }
  return members;
}

/** The scan stops at invalid JSON, so nothing nested deeper than an object's members is parsed here. */
function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may contain a private message.
    throw new GatewayError("invalid_json", "The body says application/json but is not valid JSON.");
  }
}

/** Reads the name of a member in text that may not be valid JSON. */
function readName(quoted: string): string {
  try {
    return readString(quoted, "(name)");
  } catch {
    return "(name)";
  }
}

function readString(quoted: string, name: string): string {
  const value = String(JSON.parse(quoted));
  if (!value.isWellFormed()) throw brokenEncoding(name, "well-formed Unicode");
  return value;
}
