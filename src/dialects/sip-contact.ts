import { locateUri, unescapeText } from "../push/sip-uri.ts";

/** Parameters by lower-case name, decoded; `conflicts` names those that come twice with different values. */
export interface SipParameters {
  readonly values: ReadonlyMap<string, string>;
  readonly conflicts: ReadonlySet<string>;
}

/** One value of a Contact header, taken apart (RFC 3261 §20.10). */
export interface SipContact {
  /** As it was sent, parameters and all. */
  readonly uri: string;
  /** Of the URI and of the header: apps put theirs into either. Those of the URI go first. */
  readonly parameters: SipParameters;
}

/** Undefined if the text is no list of contacts: a quotation mark or a bracket is left open. */
export function splitContacts(text: string): readonly SipContact[] | undefined {
  const unfolded = text.replace(/\r?\n[ \t]+/g, " ").replace(/^\s*(?:contact|m)\s*:/i, "");
  const parts = splitOutside(restoreSemicolons(unfolded), ",");
  return parts
    ?.map((part) => part.trim())
    .filter((part) => part !== "")
    .map(readContact);
}

/** Asterisk keeps a contact in files in which a semicolon starts a comment, and writes `^3B` there. */
function restoreSemicolons(text: string): string {
  return text.replace(/\^(3B|5E)/gi, (_escape, code: string) => (code === "5E" || code === "5e" ? "^" : ";"));
}

function readContact(text: string): SipContact {
  const found = locateUri(text);
  if (found === undefined || found.start === 0) return readBareContact(text);
  // A URI has no white space: what is there comes of a folded header.
  const uri = text.slice(found.start, found.end).replace(/\s+/g, "");
  const rest = text.slice(found.end + 1);
  return { uri, parameters: readParameters([...listUriParameters(uri), ...listParameters(rest)]) };
}

/**
 * Without brackets the parameters are the header's (RFC 3261 §20.10), but for who relays a bare URI they are the URI's: it keeps those
 * that a URI can have.
 */
function readBareContact(text: string): SipContact {
  const [bare = text] = splitOutside(text, "?") ?? [];
  const start = startOfParameters(bare);
  if (start < 0) return { uri: bare, parameters: readParameters([]) };
  const parameters = listParameters(bare.slice(start));
  const own = parameters.map((parameter) => parameter.trim()).filter((parameter) => /^[^+"<>][^"<>]*$/.test(parameter));
  return { uri: [bare.slice(0, start), ...own].join(";"), parameters: readParameters(parameters) };
}

/** A user part may hold `;` and `?`, so parameters begin after the first `@`; headers (`?subject=…`) end them. */
function startOfParameters(uri: string): number {
  const host = uri.indexOf("@") + 1;
  const start = uri.indexOf(";", host);
  const headers = uri.indexOf("?", host);
  return start < 0 || (headers >= 0 && headers < start) ? -1 : start;
}

function listUriParameters(uri: string): readonly string[] {
  const start = startOfParameters(uri);
  return start < 0 ? [] : listParameters((/^[^?]*/.exec(uri.slice(start)) ?? [""])[0]);
}

function listParameters(text: string): readonly string[] {
  return splitOutside(text, ";") ?? [];
}

function readParameters(texts: readonly string[]): SipParameters {
  const values = new Map<string, string>();
  const conflicts = new Set<string>();
  for (const text of texts) {
    const name = nameOf(text);
    if (name === "") continue;
    const decoded = readValue(text.slice(text.indexOf("=") + 1 || text.length).trim());
    if ((values.get(name) ?? decoded) !== decoded) conflicts.add(name);
    if (!values.has(name)) values.set(name, decoded);
  }
  return { values, conflicts };
}

function readValue(text: string): string {
  const [, quoted] = /^"(.*)"$/s.exec(text) ?? [];
  return quoted === undefined ? unescapeText(text) : quoted.replace(/\\(.)/gs, "$1");
}

/** Splits where the separator stands in no quoted text and in no `<…>`; undefined where one of these is left open. */
function splitOutside(text: string, separator: string): readonly string[] | undefined {
  const parts: string[] = [];
  let start = 0;
  let inQuotes = false;
  let inBrackets = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inQuotes) {
      if (character === "\\") at += 1;
      else if (character === '"') inQuotes = false;
    } else if (inBrackets) {
      inBrackets = character !== ">";
    } else if (character === '"') {
      inQuotes = true;
    } else if (character === "<") {
      inBrackets = true;
    } else if (character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return inQuotes || inBrackets ? undefined : [...parts, text.slice(start)];
}

const PUSH_PARAMETER = /^(?:pn-|app-id$)/;

/** The URI as another SIP element may see it: what wakes the phone stays here (RFC 8599 §12). */
export function stripPushParameters(uri: string): string {
  const host = uri.indexOf("@") + 1;
  const start = uri.indexOf(";", host);
  if (start < 0) return uri;
  const end = uri.indexOf("?", start);
  const [parameters, headers] = end < 0 ? [uri.slice(start), ""] : [uri.slice(start, end), uri.slice(end)];
  const kept = parameters.split(";").filter((text) => !PUSH_PARAMETER.test(nameOf(text)));
  return uri.slice(0, start) + kept.join(";") + headers;
}

function nameOf(parameter: string): string {
  return unescapeText((/^[^=]*/.exec(parameter) ?? [""])[0].trim()).toLowerCase();
}
