import { buildAor, domainOf, readDomain, readUser, type Aor } from "./address.ts";
import { compact } from "./compact.ts";

const SCHEMES = ["sip", "sips", "tel", "xmpp"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** A parsed SIP, SIPS, tel or XMPP URI, or `user@host` without a scheme. */
export interface SipUri {
  /** Undefined if the text has none. */
  readonly scheme?: Scheme;
  /** Unescaped, without its parameters and password. Undefined if the URI is only a host. */
  readonly user?: string;
  /** Lower case; an IDN in its ASCII form. Undefined for a tel URI. */
  readonly host?: string;
  readonly port?: number;
  /** By lower-case name; values unchanged. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SCHEME = /^(sips?|tel|xmpp):/i;
/** Matches the part after the user: host, port, parameters, headers. */
const BEHIND_USER = /^(\[[^\]]*\]|[^:;?]*)(?::(\d{1,5}))?(?:;([^?]*))?(?:\?.*)?$/s;

/**
 * Parses an address in a SIP header: a URI, `<URI>`, or `"Name" <URI>;parameters`. Returns undefined if it is not one.
 */
export function readSipUri(text: string): SipUri | undefined {
  const bare = cutUri(text.trim())?.trim() ?? "";
  const scheme = SCHEME.exec(bare)?.[1]?.toLowerCase() as Scheme | undefined;
  const rest = scheme === undefined ? bare : bare.slice(scheme.length + 1);
  if (scheme === "tel") return readTel(rest);
  // A user part contains no raw `@`, but may contain `;` and `?`. Parameters may contain all three.
  const at = rest.indexOf("@");
  const user = at < 0 ? undefined : readUserPart(rest.slice(0, at));
  if (at >= 0 && user === undefined) return undefined;
  const [, hostText, port, parameters = ""] = BEHIND_USER.exec(rest.slice(at + 1)) ?? [];
  const host = hostText === undefined ? undefined : readDomain(hostText);
  if (host === undefined) return undefined;
  return compact({
    scheme,
    user,
    host,
    port: port === undefined ? undefined : Number(port),
    parameters: readParameters(parameters),
  });
}

/** Returns the address of record (RFC 3261 §10.3 step 5): user and domain, without parameters, port and escapes. */
export function readAor(text: string): Aor | undefined {
  const uri = readSipUri(text);
  return uri?.user === undefined || uri.host === undefined ? undefined : buildAor(uri.user, uri.host);
}

/** Reads a user that is given separately from its domain: `alice`, `sip:alice;user=phone`, `tel:+43-1-555`. */
export function readSipUser(text: string): string | undefined {
  const bare = text.trim();
  const scheme = SCHEME.exec(bare)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? bare : bare.slice(scheme.length + 1);
  return scheme === "tel" ? readTel(rest)?.user : readUserPart(rest);
}

/** Reads a host that is given separately from its user. A port or parameters are dropped. */
export function readSipHost(text: string): string | undefined {
  const [, host] = BEHIND_USER.exec(text.trim()) ?? [];
  return host === undefined ? undefined : readDomain(host);
}

export type CalleeReading = { readonly aor: Aor } | { readonly wrong: "callee" | "domain"; readonly why: string };

/**
 * Returns the callee from an address in `callee`, or from a user there and a separate `domain`. If both name a domain,
 * they must agree.
 */
export function readCallee(callee: string, domain: string | undefined): CalleeReading {
  const host = domain === undefined ? undefined : readSipHost(domain);
  if (domain !== undefined && host === undefined) return { wrong: "domain", why: "is not a host name" };
  if (host === undefined || callee.includes("@")) {
    const aor = readAor(callee);
    if (aor === undefined) return { wrong: "callee", why: "is not an address of the form user@domain" };
    return host === undefined || host === domainOf(aor)
      ? { aor }
      : { wrong: "domain", why: "contradicts the domain in callee" };
  }
  const user = readSipUser(callee);
  return user === undefined
    ? { wrong: "callee", why: "cannot be the user part of an address" }
    : { aor: buildAor(user, host) };
}

/** Returns where the URI of a name-addr is in a text, or undefined if a quotation mark or a bracket is not closed. */
export function locateUri(text: string): { readonly start: number; readonly end: number } | undefined {
  const open = findBracket(text);
  if (open === undefined) return undefined;
  if (open < 0) return { start: 0, end: text.length };
  const close = text.indexOf(">", open);
  return close < 0 ? undefined : { start: open + 1, end: close };
}

function cutUri(text: string): string | undefined {
  const found = locateUri(text);
  return found && text.slice(found.start, found.end);
}

/** Returns -1 if the URI is not in brackets. An unquoted display name may contain a `<`; then the scheme decides. */
function findBracket(text: string): number | undefined {
  const behindName = measureQuoted(text);
  if (behindName === undefined) return undefined;
  if (behindName > 0) {
    const open = text.indexOf("<", behindName);
    return open >= 0 && text.slice(behindName, open).trim() === "" ? open : undefined;
  }
  // Without brackets the URI comes first, and a later bracket belongs to a parameter.
  if (SCHEME.test(text) || /^[^\s<>";@]+@[^\s<>";]+;/.test(text)) return -1;
  const byScheme = /<\s*(?:sips?|tel|xmpp):/i.exec(text)?.index;
  return byScheme ?? text.indexOf("<");
}

/** Returns the length of the quoted text that begins here: 0 if none does, undefined if it is not closed. */
function measureQuoted(text: string): number | undefined {
  if (!text.startsWith('"')) return 0;
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return undefined;
}

function readUserPart(text: string): string | undefined {
  const [bare = ""] = text.split(";", 1);
  const user = unescapeUser(bare.trim());
  return readUser(user) === user ? user : undefined;
}

/** Characters stay escaped if they would change meaning when parsed again: a `;`, and a `%` before two hex digits. */
function unescapeUser(text: string): string {
  const user = decodeUser(text);
  return decodeUser(user) === user ? user : user.replace(/%(?!3B)(?=[0-9a-fA-F]{2})/g, "%25");
}

function decodeUser(text: string): string {
  return text.replace(ESCAPES, (run) => decodeEscapes(run).replaceAll(";", "%3B"));
}

/** Visual separators do not belong to a number (RFC 3966 §3). */
function readTel(rest: string): SipUri | undefined {
  const [number = "", ...parameters] = rest.split(";");
  const user = unescapeText(number).replace(/[-.()]/g, "");
  if (!/^\+?[0-9a-f*#]{1,64}$/i.test(user)) return undefined;
  return { scheme: "tel", user, parameters: readParameters(parameters.join(";")) };
}

function readParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const parameter of text.split(";")) {
    const equals = parameter.indexOf("=");
    const name = (equals < 0 ? parameter : parameter.slice(0, equals)).trim().toLowerCase();
    if (name !== "" && !parameters.has(name))
      parameters.set(name, equals < 0 ? "" : parameter.slice(equals + 1).trim());
  }
  return parameters;
}

const ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/** Decodes escapes. Those that are not UTF-8 were not meant as escapes and stay unchanged. */
export function unescapeText(text: string): string {
  return text.replace(ESCAPES, decodeEscapes);
}

function decodeEscapes(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes;
  }
}
