/** Paths on which the gateway itself answers. */
const OWN = /^\/(?:v1|console|docs|metrics|healthz|readyz|openapi\.json)(?:\/|$)/;

export function isOwnPath(path: string): boolean {
  return OWN.test(path);
}
