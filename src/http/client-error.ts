import { STATUS_CODES } from "node:http";
import { buildBareProblem, type Problem } from "./problem.ts";
import { compact } from "../push/compact.ts";

/** Reaction to a connection that Node's HTTP parser or TLS has abandoned. */
export type ClientError =
  /** The client disconnected, or sent nothing at all. */
  | { readonly kind: "silent" }
  /** The client did not speak HTTP, so no answer is possible. */
  | ({ readonly kind: "handshake" } & Report)
  | ({ readonly kind: "answer"; readonly problem: Problem } & Report);

interface Report {
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
}

const TLS_HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN/,
    "the client does not trust our certificate: give it the CA, or us another certificate",
  ],
  [/HTTP_REQUEST/, "the client speaks plain HTTP to a TLS port: its URL has to start with https://"],
  [
    /NO_SHARED_CIPHER|UNSUPPORTED_PROTOCOL|VERSION/,
    "the client's TLS is too old: 1.2 with AES-GCM or ChaCha20 is the least",
  ],
  [/CERTIFICATE_EXPIRED/, "our certificate has expired"],
];

const HANDSHAKE_CODE = "tls_handshake";

/** First byte of a TLS handshake record, RFC 8446 §5.1. */
const TLS_HANDSHAKE = 0x16;

interface RawError {
  readonly code: string;
  readonly message: string;
  readonly packet: Uint8Array;
  /** The bytes received on the connection so far. */
  readonly bytesRead: number;
}

export function readClientError({ code, message, packet, bytesRead }: RawError): ClientError {
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) {
    const hint = TLS_HINTS.find(([pattern]) => pattern.test(code))?.[1];
    return compact({
      kind: "handshake",
      code: HANDSHAKE_CODE,
      detail: `The TLS handshake failed: ${message}`,
      hint,
    });
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return bytesRead === 0
      ? { kind: "silent" }
      : answer(408, "request_timeout", "The request did not come to its end in time.");
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return answer(431, "headers_too_large", "Request line and headers are larger than 16 KiB.");
  }
  if (!code.startsWith("HPE_")) return { kind: "silent" };
  if (packet[0] === TLS_HANDSHAKE) {
    const hint = "the client speaks TLS to a plain HTTP port: switch ssl on, or use http:// there";
    return { kind: "handshake", code: HANDSHAKE_CODE, detail: "A TLS handshake came to a plain HTTP listener.", hint };
  }
  return answer(400, "invalid_http", `This is not HTTP as RFC 9112 has it (${code}).`, readHint(packet));
}

function readHint(packet: Uint8Array): string | undefined {
  const line = Buffer.from(packet.subarray(0, 4096)).toString("latin1").split("\r\n", 1)[0] ?? "";
  return /[\x80-\xff]/.test(line) ? "the sender puts raw UTF-8 into the URL: it has to percent-encode it" : undefined;
}

function answer(status: number, code: string, detail: string, hint?: string): ClientError {
  const problem = buildBareProblem(code, { status, title: STATUS_CODES[status] ?? code }, detail);
  return compact({ kind: "answer", problem, code, detail, hint });
}

/** Returns the bytes of an HTTP/1.1 answer that closes its connection. */
export function buildRawAnswer(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Uint8Array {
  const lines = Object.entries({ ...headers, "content-length": String(body.byteLength), connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${head}\r\n`, "latin1"),
    body,
  ]);
}
