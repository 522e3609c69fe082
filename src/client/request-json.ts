import { sendRequest, type ClientProxies, type OutgoingRequest } from "./send-request.ts";

export interface HttpTarget {
  /** `http:` or `https:`; a path before the resource's own is kept. */
  readonly url: URL;
  /** Trusted instead of the system's authorities, PEM: authorities, or the server's own certificate. */
  readonly ca?: string;
  /** The name that the server's certificate has to bear if that is not the URL's host. */
  readonly serverName?: string;
  /** Sent as a bearer token. */
  readonly key?: string;
  readonly proxies?: ClientProxies;
}

export interface JsonRequest {
  readonly method: OutgoingRequest["method"];
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JsonAnswer {
  readonly status: number;
  /** Undefined if the body is empty or not JSON. */
  readonly body: unknown;
}

export const REQUEST_TIMEOUT_MS = 10_000;

/** Sends one JSON request on a connection of its own. Rejects with a NoAnswerError; every status is an answer. */
export async function requestJson(
  target: HttpTarget,
  { method, path, body, headers }: JsonRequest,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Promise<JsonAnswer> {
  const { url, ca, serverName, key, proxies } = target;
  const answer = await sendRequest({
    url: new URL(url.pathname.replace(/\/+$/, "") + path, url.origin),
    method,
    headers: {
      accept: "application/json, application/problem+json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    tls: { ...(ca === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { serverName }) },
    ...(proxies === undefined ? {} : { proxies }),
    timeoutMs,
  });
  return { status: answer.status, body: parseJson(answer.body) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
