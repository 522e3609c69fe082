import { domainToASCII } from "node:url";

/** An address of record, `user@domain`, lower-cased in the domain: the name of a subscriber. */
export type Aor = string & { readonly __aor: unique symbol };

/** No colon: before one stands a scheme, after it a password (RFC 3261 §25.1), and a JID has none either (RFC 7622 §3.3.1). */
const USER = /^[^\s@:<>"\p{Cc}\p{Cs}]{1,255}$/u;
/** Matched before case is folded, because other letters than ASCII's fold into it. */
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const IPV6_REFERENCE = /^\[[0-9a-f:.]{2,45}\]$/i;
const INTERNATIONAL = /^(?=.*[^\0-\x7f])[\p{L}\p{M}\p{N}._-]{1,253}$/su;

/** Host names fold case (RFC 3261 §19.1.4); an IDN is read as its ASCII form. Undefined if the text is no host name. */
export function readDomain(text: string): string | undefined {
  const domain = text.trim();
  if (DOMAIN.test(domain) || IPV6_REFERENCE.test(domain)) return domain.toLowerCase();
  return INTERNATIONAL.test(domain) ? readInternational(domain) : undefined;
}

/** Each label with other letters than ASCII's needs an A-label: one that maps to plain ASCII only looks like that name. */
function readInternational(domain: string): string | undefined {
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  const given = domain.split(".");
  const isFaithful = given.every((label, index) => /^[\0-\x7f]*$/.test(label) || labels[index]?.startsWith("xn--"));
  return isFaithful && DOMAIN.test(ascii) ? ascii.toLowerCase() : undefined;
}

/** User parts keep their case (RFC 3261 §19.1.4). Undefined if it cannot be the user of an address. */
export function readUser(text: string): string | undefined {
  const user = text.trim();
  return USER.test(user) ? user : undefined;
}

export function buildAor(user: string, domain: string): Aor {
  return `${user}@${domain}` as Aor;
}

/** For platforms that do not tell `Alice` from `alice`, as XMPP does not (RFC 7622 §3.3). */
export function foldAor(aor: Aor): Aor {
  const at = aor.lastIndexOf("@");
  return buildAor(aor.slice(0, at).toLowerCase(), aor.slice(at + 1));
}

export function domainOf(aor: Aor): string {
  return aor.slice(aor.lastIndexOf("@") + 1);
}
