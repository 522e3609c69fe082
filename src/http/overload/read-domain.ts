/** Number of characters of a request that are searched. */
const LOOKED_AT = 2_048;

/** A field with a domain, in a query, a form or JSON. */
const DOMAIN = /(?:^|[?&"\s])domain(?:=|"\s*:\s*")([a-z0-9._-]{1,253})/i;
/** The first address in a field that names the subscriber. */
const ADDRESS =
  /(?:^|[?&"\s])(?:callee|to|user|uri|subscriber|aor|username|number)(?:=|"\s*:\s*")[^&"@]{0,300}?(?:@|%40)([a-z0-9._-]{1,253})/i;

/**
 * Guesses a request's domain from its beginning without parsing it, which is enough to share out capacity. Returns
 * undefined if there is none.
 */
export function readDomain(text: string): string | undefined {
  const start = text.slice(0, LOOKED_AT);
  const [, domain] = DOMAIN.exec(start) ?? ADDRESS.exec(start) ?? [];
  return domain?.toLowerCase();
}
