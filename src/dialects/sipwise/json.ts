import { GatewayError } from "../../gateway/errors.ts";
import { addField, brokenEncoding, invalidField, type Field } from "./field.ts";
import { decodeUtf8 } from "./utf8.ts";

/** One member of a flat object: its name, and its value or the bracket that opens it. */
const MEMBER = /\s*("[^"\\]*(?:\\.[^"\\]*)*")\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*"|[-+.\w]+|[[{])\s*[,}]?/gy;

/**
 * A flat JSON object. It is scanned and not only parsed, because an object keeps neither repeated names nor the digits
 * of a long number (439911234567890123 would become another).
 */
export function readJson(body: Buffer): Field[] {
  const text = readObjectText(body);
  const fields: Field[] = [];
  const members = new RegExp(MEMBER);
  members.lastIndex = text.indexOf("{") + 1;
  for (let member = members.exec(text); member !== null; member = members.exec(text)) {
    const [, quotedName = '""', value = ""] = member;
    addMember(fields, readString(quotedName, "(name)"), value);
  }
  return fields;
}

function addMember(fields: Field[], name: string, value: string): void {
  if (value === "{" || value === "[") throw invalidField(name, "is an object or a list; send text");
  if (value === "null") return;
  addField(fields, name, value.startsWith('"') ? readString(value, name) : value);
}

/** Valid JSON with an object at the top, so that the scan has nothing left to check. */
function readObjectText(body: Buffer): string {
  const text = decodeUtf8(body)?.replace(/^\uFEFF/, "");
  if (text === undefined) throw new GatewayError("invalid_encoding", "The JSON body is not valid UTF-8.");
  const value = parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  throw new GatewayError("invalid_json", "The JSON body is not an object; send one with the fields as its members.");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold a private message.
    throw new GatewayError("invalid_json", "The body says application/json but is not valid JSON.");
  }
}

function readString(quoted: string, name: string): string {
  const value = String(JSON.parse(quoted));
  if (!value.isWellFormed()) throw brokenEncoding(name, "well-formed Unicode");
  return value;
}
