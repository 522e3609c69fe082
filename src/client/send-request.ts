import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { Agent, EnvHttpProxyAgent, errors, request, type Dispatcher } from "undici";

/** Authorities that the client trusts, and its own certificate. All in PEM. */
export interface ClientTls {
  /** Trusted instead of the system's authorities: authorities, or the server's own certificate. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** The name that the server's certificate has to bear if that is not the URL's host. */
  readonly serverName?: string;
}

/** HTTP proxies by the scheme of the request; `no` lists hosts that are asked directly, as in `NO_PROXY`. */
export interface ClientProxies {
  readonly http?: string;
  readonly https?: string;
  readonly no?: string;
}

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: ClientTls;
  /** None: the server is asked directly. Loopback addresses always are. */
  readonly proxies?: ClientProxies;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/**
 * Nothing came back, or something other than HTTP. `code` is Node's, such as `ECONNREFUSED`, or `TIMEOUT` or
 * `TOO_LONG`.
 */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const TIMEOUT_MS = 15_000;
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * Sends one request on a connection of its own and reads the whole answer. Follows no redirect. Every status is an answer;
 * rejects with a NoAnswerError otherwise.
 */
export async function sendRequest(outgoing: OutgoingRequest): Promise<Answer> {
  const { url, method, headers, body, timeoutMs = TIMEOUT_MS } = outgoing;
  const signal = AbortSignal.timeout(timeoutMs);
  const dispatcher = createDispatcher(outgoing);
  try {
    const response = await request(url, { dispatcher, method, headers, signal, body: body ?? null });
    const { location } = response.headers;
    const text = await response.body.text();
    return { status: response.statusCode, location: typeof location === "string" ? location : undefined, body: text };
  } catch (error) {
    if (signal.aborted) throw new NoAnswerError("TIMEOUT", `no answer within ${timeoutMs / 1000} s`, error);
    throw readFailure(error);
  } finally {
    await dispatcher.destroy();
  }
}

function createDispatcher({ url, tls = {}, proxies, timeoutMs = TIMEOUT_MS }: OutgoingRequest): Dispatcher {
  const { ca, certificate: cert, key, passphrase, serverName: servername } = tls;
  const connect = {
    // Trusts a server's own certificate directly, whoever issued it.
    ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(servername === undefined ? {} : { servername }),
  } satisfies ConnectionOptions;
  const options = { connect: { ...connect, timeout: timeoutMs }, maxResponseSize: LONGEST_ANSWER_BYTES };
  if (proxies === undefined || isLoopback(url.hostname)) return new Agent(options);
  // An empty text keeps undici from reading this process's environment.
  const { http: httpProxy = "", https: httpsProxy = "", no: noProxy = "" } = proxies;
  return new EnvHttpProxyAgent({ ...options, requestTls: connect, httpProxy, httpsProxy, noProxy });
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

function readFailure(error: unknown): NoAnswerError {
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return new NoAnswerError("TOO_LONG", "the answer is longer than any that is expected", error);
  }
  // undici wraps Node's socket errors.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (error instanceof errors.SocketError) return new NoAnswerError("ECONNRESET", "the connection was closed", error);
  const code: unknown = typeof cause === "object" && cause !== null ? Reflect.get(cause, "code") : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new NoAnswerError(typeof code === "string" ? code : "UNKNOWN", message, error);
}
