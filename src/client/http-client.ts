import { request as requestHttp, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";

export interface HttpTarget {
  /** `http:` or `https:`; a path before the resource's own is kept. */
  readonly url: URL;
  /** Certificates to trust in place of the system's, PEM: authorities, or the server's own. */
  readonly ca?: string;
  /** The name that the server's certificate has to bear, where that is not the URL's host. */
  readonly serverName?: string;
  /** Shown as a bearer token. */
  readonly key?: string;
}

export interface JsonRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JsonAnswer {
  readonly status: number;
  /** Undefined where the body is empty or no JSON. */
  readonly body: unknown;
}

/** Nothing came back, or nothing that is HTTP. `code` is Node's, e.g. `ECONNREFUSED`, or `TIMEOUT`. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export const REQUEST_TIMEOUT_MS = 10_000;
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;

/** One request on a connection of its own. Rejects with a NoAnswerError; every status is an answer. */
export async function requestJson(
  target: HttpTarget,
  request: JsonRequest,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Promise<JsonAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(openRequest(target, request, signal), request.body);
    const text = await readText(response);
    return { status: response.statusCode ?? 0, body: parseJson(text) };
  } catch (error) {
    if (error instanceof NoAnswerError) throw error;
    if (signal.aborted) throw new NoAnswerError("TIMEOUT", `no answer within ${timeoutMs / 1000} s`, error);
    throw new NoAnswerError(readCode(error), error instanceof Error ? error.message : String(error), error);
  }
}

function openRequest(
  target: HttpTarget,
  { method, path, body, headers }: JsonRequest,
  signal: AbortSignal,
): ClientRequest {
  const { url, ca, serverName, key } = target;
  const options = {
    method,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port,
    path: url.pathname.replace(/\/+$/, "") + path,
    agent: false,
    signal,
    headers: {
      accept: "application/json, application/problem+json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
  } as const;
  if (url.protocol === "http:") return requestHttp(options);
  return requestHttps({
    ...options,
    // So that a server's own certificate can be trusted by itself, whoever issued it.
    ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  });
}

function send(request: ClientRequest, body: unknown): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", resolve);
  request.on("error", reject);
  request.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_ANSWER_BYTES)
      throw new NoAnswerError("TOO_LONG", "the answer is longer than any of a gateway's");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readCode(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : "UNKNOWN";
}
