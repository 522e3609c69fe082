import { locateUri, unescapeText } from "../push/sip-uri.ts";

/** Decoded parameters by lower-case name. `conflicts` names those that occur with different values. */
export interface SipParameters {
  readonly values: ReadonlyMap<string, string>;
  readonly conflicts: ReadonlySet<string>;
}

/** One parsed value of a Contact header (RFC 3261 §20.10). */
export interface SipContact {
  /** The URI as it was sent, including parameters. */
  readonly uri: string;
  /** Parameters of URI and header, because apps use either. Those of the URI come first. */
  readonly parameters: SipParameters;
}

/** Returns undefined if the text is not a list of contacts, because a quotation mark or a bracket is not closed. */
export function splitContacts(text: string): readonly SipContact[] | undefined {
  const unfolded = text.replace(/\r?\n[ \t]+/g, " ").replace(/^\s*(?:contact|m)\s*:/i, "");
  const parts = splitOutside(restoreSemicolons(unfolded), ",");
  return parts
    ?.map((part) => part.trim())
    .filter((part) => part !== "")
    .map(readContact);
}

/** Asterisk stores contacts in files in which a semicolon starts a comment, and writes `^3B` instead. */
function restoreSemicolons(text: string): string {
  return text.replace(/\^(3B|5E)/gi, (_escape, code: string) => (code === "5E" || code === "5e" ? "^" : ";"));
}

function readContact(text: string): SipContact {
  const found = locateUri(text);
  if (found === undefined || found.start === 0) return readBareContact(text);
  // A URI contains no white space; any comes from a folded header.
  const uri = text.slice(found.start, found.end).replace(/\s+/g, "");
  const rest = text.slice(found.end + 1);
  return { uri, parameters: readParameters([...listUriParameters(uri), ...listParameters(rest)]) };
}

/**
 * Without brackets the parameters belong to the header (RFC 3261 §20.10). A proxy that relays a bare URI means those of
 * the URI, which keeps the ones that a URI can have.
 */
function readBareContact(text: string): SipContact {
  const [bare = text] = splitOutside(text, "?") ?? [];
  const start = startOfParameters(bare);
  if (start < 0) return { uri: bare, parameters: readParameters([]) };
  const parameters = listParameters(bare.slice(start));
  const own = parameters.map((parameter) => parameter.trim()).filter((parameter) => /^[^+"<>][^"<>]*$/.test(parameter));
  return { uri: [bare.slice(0, start), ...own].join(";"), parameters: readParameters(parameters) };
}

/**
 * A user part may contain `;` and `?`, so parameters begin after the first `@`. URI headers (`?subject=…`) end them.
 */
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

/** Splits at separators outside of quotes and `<…>`. Returns undefined if one of these is not closed. */
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

/** Returns the URI for other SIP elements, without the parameters that wake the phone (RFC 8599 §12). */
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
