import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { IncomingMessage } from "node:http";

/** Trust and identity of our side. PEM. */
export interface ClientTls {
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: ClientTls;
}

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

const TIMEOUT_MS = 15_000;
const LONGEST_BODY_BYTES = 4 * 1024 * 1024;

/** One request on a connection of its own; no redirect is followed. Rejects where no answer comes. */
export async function send({ url, method, headers, body, tls = {} }: OutgoingRequest): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { ca, certificate: cert, key, passphrase } = tls;
  const identity = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  const options = { method, headers, agent: false, signal } as const;
  const request = url.protocol === "http:" ? requestHttp(url, options) : requestHttps(url, { ...options, ...identity });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", resolve);
  request.on("error", reject);
  request.end(body);
  const response = await promise;
  return { status: response.statusCode ?? 0, location: response.headers.location, body: await readText(response) };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY_BYTES) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
