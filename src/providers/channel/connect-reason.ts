import { UNREACHED_EXPLANATIONS, type UnreachedReason } from "../../push/explanations/unreached.ts";

/** Error codes of sockets and DNS. Those of OpenSSL and HTTP/2 are families, recognised by their form. */
const REASONS: ReadonlyMap<string, UnreachedReason> = new Map([
  ["ECONNREFUSED", "connection_refused"],
  ["ENETUNREACH", "network_unreachable"],
  ["EHOSTUNREACH", "network_unreachable"],
  ["ENETDOWN", "network_unreachable"],
  ["EHOSTDOWN", "network_unreachable"],
  ["EADDRNOTAVAIL", "network_unreachable"],
  ["ETIMEDOUT", "connect_timeout"],
  ["ECONNRESET", "connection_reset"],
  ["ECONNABORTED", "connection_reset"],
  ["EPIPE", "connection_reset"],
  ["ENOTFOUND", "dns_failed"],
  ["ENODATA", "dns_failed"],
  ["ESERVFAIL", "dns_failed"],
  ["EREFUSED", "dns_failed"],
  ["CERT_HAS_EXPIRED", "tls_expired"],
  ["CERT_NOT_YET_VALID", "tls_expired"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls_wrong_name"],
  ["HOSTNAME_MISMATCH", "tls_wrong_name"],
]);

const FAMILIES: readonly (readonly [RegExp, UnreachedReason])[] = [
  [/^EAI_/, "dns_failed"],
  // An alert is the other side's complaint about us. https://www.rfc-editor.org/rfc/rfc8446#section-6.2
  [/^ERR_SSL_.*ALERT.*(?:CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/, "client_certificate_refused"],
  [/^(?:ERR_SSL_|ERR_OSSL_|ERR_TLS_|EPROTO$)/, "tls_failed"],
  // OpenSSL's codes for an invalid chain: https://nodejs.org/api/tls.html#x509-certificate-error-codes
  [/CERT|SIGNATURE|ISSUER|_CA$|_CRL|INVALID_PURPOSE|PATH_LENGTH/, "tls_untrusted"],
  [/^ERR_HTTP2_/, "not_http2"],
];

/** If several addresses were tried, the most informative reason comes first. */
const MOST_TELLING: readonly UnreachedReason[] = [
  "connection_refused",
  "connection_reset",
  "connect_timeout",
  "network_unreachable",
];

/** Returns why no connection could be opened. */
export function readConnectReason(error: unknown): UnreachedReason {
  if (error instanceof AggregateError) {
    const reasons = error.errors.map((each) => readConnectReason(each));
    return MOST_TELLING.find((reason) => reasons.includes(reason)) ?? reasons[0] ?? "not_reached";
  }
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (typeof code !== "string") return "not_reached";
  if (isReason(code)) return code;
  return REASONS.get(code) ?? FAMILIES.find(([form]) => form.test(code))?.[1] ?? "not_reached";
}

function isReason(code: string): code is UnreachedReason {
  return Object.hasOwn(UNREACHED_EXPLANATIONS, code);
}
