import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNREACHED_EXPLANATIONS, type UnreachedReason } from "../../push/explanations/unreached.ts";
import { readConnectReason } from "./connect-reason.ts";
import { ConnectError } from "./errors.ts";

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe("why no connection came about", () => {
  it.each<[string, UnreachedReason]>([
    ["ECONNREFUSED", "connection_refused"],
    ["ENETUNREACH", "network_unreachable"],
    ["ETIMEDOUT", "connect_timeout"],
    ["ECONNRESET", "connection_reset"],
    ["ENOTFOUND", "dns_failed"],
    ["EAI_AGAIN", "dns_failed"],
    ["CERT_HAS_EXPIRED", "tls_expired"],
    ["CERT_NOT_YET_VALID", "tls_expired"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls_wrong_name"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls_untrusted"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls_untrusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls_untrusted"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "tls_untrusted"],
    ["CERT_REVOKED", "tls_untrusted"],
    ["INVALID_CA", "tls_untrusted"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls_failed"],
    ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "tls_failed"],
    ["ERR_OSSL_PEM_NO_START_LINE", "tls_failed"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "client_certificate_refused"],
    ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "client_certificate_refused"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "client_certificate_refused"],
    ["ERR_HTTP2_ERROR", "not_http2"],
    ["ESOMETHING", "not_reached"],
  ])("is read from %s", (code, reason) => {
    expect(readConnectReason(failure(code))).toBe(reason);
  });

  it("is what the most telling of several addresses says", () => {
    const codes = ["ENETUNREACH", "ETIMEDOUT", "ECONNREFUSED", "ETIMEDOUT"];

    expect(readConnectReason(new AggregateError(codes.map(failure)))).toBe("connection_refused");
    expect(readConnectReason(new AggregateError(codes.slice(0, 2).map(failure)))).toBe("connect_timeout");
    expect(readConnectReason(new AggregateError([]))).toBe("not_reached");
  });

  it("is kept where it is known already", () => {
    expect(readConnectReason(new ConnectError("proxy_refused", "HTTP 503"))).toBe("proxy_refused");
  });

  it("is one of a closed set, whatever was thrown", () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.string().map(failure),
      fc.anything().map((code) => Object.assign(new Error("x"), { code })),
    );

    fc.assert(fc.property(anything, (error) => readConnectReason(error) in UNREACHED_EXPLANATIONS));
  });
});
