import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import type { SecureContextOptions } from "node:tls";
import { LONGEST_WAIT_SECONDS } from "./prefer.ts";
import { buildBareProblem } from "./problem.ts";
import { compact } from "../push/compact.ts";

/** Certificate and key in PEM. */
export interface TlsMaterial {
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
  readonly passphrase?: string;
}

/** Only AEAD with forward secrecy. Node's own list includes CBC, and with an RSA key suites without forward secrecy. */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
].join(":");

/**
 * libcurl repeats a POST if the server has just closed a kept connection, and the NGCP proxy's pushes carry no id by
 * which a repeat could be recognised. So idle connections outlive the usual pause between calls, and the number of
 * requests per connection is not limited.
 */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

const HTTP1_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  insecureHTTPParser: false,
  // Node's own answer has no body; request-head.ts refuses the request with a problem document.
  requireHostHeader: false,
};

const HTTP2_LIMITS = {
  settings: { enablePush: false, maxConcurrentStreams: 128, maxHeaderListSize: 16_384 },
  maxHeaderListPairs: 100,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxSettings: 32,
  unknownProtocolTimeout: 5_000,
};

/** Silence after which a connection is cut in any state: longer than an answer may be waited for. */
const CONNECTION_TIMEOUT_MS = (LONGEST_WAIT_SECONDS + 30) * 1000;
const MAX_CONNECTIONS = 8_192;

/** Creates a server for HTTP/1.1, and with TLS for HTTP/2 by ALPN. A client without ALPN (Prosody) gets HTTP/1.1. */
export function createNodeServer(tls: TlsMaterial | undefined): Server {
  const server = tls === undefined ? createServer({ ...HTTP1_LIMITS, noDelay: true }) : createTlsServer(tls);
  server.timeout = CONNECTION_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkExpectation", refuseExpectation);
  return server;
}

/** Answers an `Expect` other than 100-continue (RFC 9110 §10.1.1); Node's own answer has no body. */
function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const kind = { status: 417, title: "The expectation cannot be met" };
  const { status, headers, body } = buildBareProblem(
    "expectation_failed",
    kind,
    "Of Expect only 100-continue is known.",
  );
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}

export function buildSecureContext({ certificate, key, passphrase }: TlsMaterial): SecureContextOptions {
  return compact({
    cert: certificate,
    key,
    passphrase,
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    honorCipherOrder: true,
  });
}

function createTlsServer(tls: TlsMaterial): Server {
  const server = createSecureServer({
    ...buildSecureContext(tls),
    ...HTTP2_LIMITS,
    allowHTTP1: true,
    handshakeTimeout: 10_000,
    noDelay: true,
  });
  // Node 22 accepts none of the HTTP/1.1 limits as options here, but reads them from the server.
  Object.assign(server, HTTP1_LIMITS);
  // The server handles both protocols, with request and answer objects like those of `node:http`.
  return server as unknown as Server;
}
