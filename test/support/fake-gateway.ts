import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  /** `POST /v1/pushes` */
  readonly route: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
}

export interface FakeAnswer {
  readonly status?: number;
  /** Sent as JSON, or unchanged if it is a text. */
  readonly body?: unknown;
}

/** A server on loopback that gives the answers of a test like the gateway's HTTP API, and 404 otherwise. */
export interface FakeGateway extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Sets the answers of a route, in order. The last one is repeated. */
  answer(route: string, ...answers: readonly FakeAnswer[]): void;
}

export interface FakeGatewayOptions {
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Requests without this key are refused. */
  readonly key?: string;
}

export function problem(status: number, code: string, detail: string, members: object = {}): FakeAnswer {
  return { status, body: { type: `urn:sip-pushd:problem:${code}`, title: code, status, detail, code, ...members } };
}

export async function startFakeGateway({ tls, key }: FakeGatewayOptions = {}): Promise<FakeGateway> {
  const answers = new Map<string, FakeAnswer[]>();
  const seen: SeenRequest[] = [];

  const choose = ({ route, authorization }: SeenRequest): FakeAnswer => {
    if (key !== undefined && authorization !== `Bearer ${key}`) return problem(401, "unauthorized", "Send an API key.");
    const scripted = answers.get(route) ?? [];
    const next = scripted.length > 1 ? scripted.shift() : scripted[0];
    return next ?? problem(404, "not_found", `There is nothing at ${route}.`);
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    const text = await readText(request);
    const read = { route: `${method} ${url}`, body: parse(text), authorization: headers.authorization };
    seen.push(read);
    const { status = 200, body } = choose(read);
    response.writeHead(status, { "content-type": typeof body === "string" ? "text/html" : "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

  const listener: RequestListener = (request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  const server =
    tls === undefined ? createServer(listener) : createTlsServer({ cert: tls.certificate, key: tls.key }, listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    seen,
    answer: (route, ...list) => void answers.set(route, [...list]),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
