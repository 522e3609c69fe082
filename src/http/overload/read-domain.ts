/** As much of a request as is looked at. */
const LOOKED_AT = 2_048;

/** A field that names a domain by itself; in a query, a form or JSON. */
const DOMAIN = /(?:^|[?&"\s])domain(?:=|"\s*:\s*")([a-z0-9._-]{1,253})/i;
/** The first address in a field that names who is to be woken. */
const ADDRESS =
  /(?:^|[?&"\s])(?:callee|to|user|uri|subscriber|aor|username|number)(?:=|"\s*:\s*")[^&"@]{0,300}?(?:@|%40)([a-z0-9._-]{1,253})/i;

/**
 * Whose domain a request is about, guessed from its beginning without parsing it: enough to share out what can be admitted. Undefined if it
 * does not say so there.
 */
export function readDomain(text: string): string | undefined {
  const start = text.slice(0, LOOKED_AT);
  const [, domain] = DOMAIN.exec(start) ?? ADDRESS.exec(start) ?? [];
  return domain?.toLowerCase();
}
