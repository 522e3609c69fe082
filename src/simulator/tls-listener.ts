import { once } from "node:events";
import { performServerHandshake } from "node:http2";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { PemPair } from "./certificates.ts";
import type { Exchange } from "./exchange.ts";
import { createHttp1Server } from "./http1-exchange.ts";
import { serveHttp2Session } from "./http2-exchange.ts";

export interface TlsListenerOptions<C extends ListenerConnection> {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly identity: PemPair;
  /** Client certificates are asked for and checked against this authority; a bad one is told to the connection, not turned away. */
  readonly clientCa?: string;
  readonly allowHttp1: boolean;
  openConnection(socket: TLSSocket): C;
  serve(exchange: Exchange, connection: C): Promise<void>;
}

export interface ListenerConnection {
  /** What the first SETTINGS frame announces. */
  readonly initialStreams: number;
}

export interface TlsListener extends AsyncDisposable {
  readonly port: number;
}

/**
 * HTTP/2, and HTTP/1.1 if wished, over one TLS port. Sessions are made by hand from each socket because the number of
 * streams that is announced first depends on the client's certificate. A client without ALPN is taken to speak the
 * oldest protocol that is served: Apple demands no ALPN, and serves HTTP/2 alone.
 */
export async function startTlsListener<C extends ListenerConnection>(
  options: TlsListenerOptions<C>,
): Promise<TlsListener> {
  const { identity, clientCa, allowHttp1 } = options;
  const connections = new WeakMap<object, C>();
  const sockets = new Set<TLSSocket>();
  const http1 = createHttp1Server((exchange, socket) => serveSafely(options, exchange, connections.get(socket)));
  const server = createTlsServer({
    cert: identity.certificate,
    key: identity.key,
    ALPNProtocols: allowHttp1 ? ["h2", "http/1.1"] : ["h2"],
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  });
  server.on("connection", (socket: TLSSocket) => track(sockets, socket));
  server.on("secureConnection", (socket) => {
    track(sockets, socket);
    const connection = options.openConnection(socket);
    connections.set(socket, connection);
    if (allowHttp1 && socket.alpnProtocol !== "h2") return void http1.emit("connection", socket);
    const session = performServerHandshake(socket, { settings: { maxConcurrentStreams: connection.initialStreams } });
    serveHttp2Session(session, (exchange) => serveSafely(options, exchange, connection));
  });
  server.listen(options.port, options.host);
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      http1.close();
      await closed;
    },
  };
}

function track(sockets: Set<TLSSocket>, socket: TLSSocket): void {
  sockets.add(socket);
  // A client that resets its connection is no error of ours.
  socket.on("error", () => {});
  socket.once("close", () => sockets.delete(socket));
}

function serveSafely<C extends ListenerConnection>(
  options: TlsListenerOptions<C>,
  exchange: Exchange,
  connection: C | undefined,
): void {
  if (connection === undefined) return exchange.dropConnection();
  options.serve(exchange, connection).catch((error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    exchange.answer({
      status: 500,
      headers: { "content-type": "text/plain" },
      body: `Bug in the simulator: ${text}\n`,
    });
  });
}
