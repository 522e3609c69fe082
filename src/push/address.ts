import { domainToASCII } from "node:url";

/** An address of record, `user@domain`, with the domain in lower case. It identifies a subscriber. */
export type Aor = string & { readonly __aor: unique symbol };

/**
 * No colon: a scheme ends with one, and a password begins with one (RFC 3261 §25.1). A JID has none either (RFC 7622
 * §3.3.1).
 */
const USER = /^[^\s@:<>"\p{Cc}\p{Cs}]{1,255}$/u;
/** Matched before case folding, because some non-ASCII letters fold into ASCII. */
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const IPV6_REFERENCE = /^\[[0-9a-f:.]{2,45}\]$/i;
const INTERNATIONAL = /^(?=.*[^\0-\x7f])[\p{L}\p{M}\p{N}._-]{1,253}$/su;

/**
 * Returns the domain in lower case (RFC 3261 §19.1.4), an IDN in its ASCII form; undefined if the text is not a host
 * name.
 */
export function readDomain(text: string): string | undefined {
  const domain = text.trim();
  if (DOMAIN.test(domain) || IPV6_REFERENCE.test(domain)) return domain.toLowerCase();
  return INTERNATIONAL.test(domain) ? readInternational(domain) : undefined;
}

/** Each label with non-ASCII letters needs an A-label. One that maps to plain ASCII only looks like that name. */
function readInternational(domain: string): string | undefined {
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  const given = domain.split(".");
  const isFaithful = given.every((label, index) => /^[\0-\x7f]*$/.test(label) || labels[index]?.startsWith("xn--"));
  return isFaithful && DOMAIN.test(ascii) ? ascii.toLowerCase() : undefined;
}

/** Returns the user with its case (RFC 3261 §19.1.4), or undefined if it cannot be the user of an address. */
export function readUser(text: string): string | undefined {
  const user = text.trim();
  return USER.test(user) ? user : undefined;
}

export function buildAor(user: string, domain: string): Aor {
  return `${user}@${domain}` as Aor;
}

/** Lower-cases the user, for platforms that do not distinguish `Alice` from `alice`, such as XMPP (RFC 7622 §3.3). */
export function foldAor(aor: Aor): Aor {
  const at = aor.lastIndexOf("@");
  return buildAor(aor.slice(0, at).toLowerCase(), aor.slice(at + 1));
}

export function domainOf(aor: Aor): string {
  return aor.slice(aor.lastIndexOf("@") + 1);
}
