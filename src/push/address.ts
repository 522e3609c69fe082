/** An address of record, `user@domain`, lower-cased in the domain: the name of a subscriber. */
export type Aor = string & { readonly __aor: unique symbol };

/** No colon: before one stands a scheme, after it a password (RFC 3261 §25.1), and a JID has none either (RFC 7622 §3.3.1). */
const USER = /^[^\s@:<>"\p{Cc}\p{Cs}]{1,255}$/u;
/** To be matched before case is folded: other letters than ASCII's fold into it. */
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const IPV6_REFERENCE = /^\[[0-9a-f:.]{2,45}\]$/i;

/** Host names fold case (RFC 3261 §19.1.4); an IDN has to come in its ASCII form. Undefined if it is no host name. */
export function readDomain(text: string): string | undefined {
  const domain = text.trim();
  return DOMAIN.test(domain) || IPV6_REFERENCE.test(domain) ? domain.toLowerCase() : undefined;
}

/** User parts keep their case (RFC 3261 §19.1.4). Undefined if it cannot be the user of an address. */
export function readUser(text: string): string | undefined {
  const user = text.trim();
  return USER.test(user) ? user : undefined;
}

export function buildAor(user: string, domain: string): Aor {
  return `${user}@${domain}` as Aor;
}

/** Reads `user@domain`, with or without `sip:`, `sips:` or `xmpp:` before it. Undefined if it is no such address. */
export function readAor(text: string): Aor | undefined {
  const bare = text.trim().replace(/^(?:sips?|xmpp):/i, "");
  const at = bare.lastIndexOf("@");
  if (at < 0) return undefined;
  const user = readUser(bare.slice(0, at));
  const domain = readDomain(bare.slice(at + 1));
  return user === undefined || domain === undefined ? undefined : buildAor(user, domain);
}

export function domainOf(aor: Aor): string {
  return aor.slice(aor.lastIndexOf("@") + 1);
}
