import { once } from "node:events";
import { performServerHandshake } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { PemPair } from "./certificates.ts";
import type { ConnectionRegistry } from "./connections/connection-registry.ts";
import type { ConnectionStep, ServerName } from "./connections/connection-script.ts";
import type { Exchange } from "./exchange.ts";
import { createHttp1Server } from "./http1-exchange.ts";
import { serveHttp2Session } from "./http2-exchange.ts";

export interface TlsListenerOptions<C extends ListenerConnection> {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly identity: PemPair;
  /** PEM of the authority for client certificates. The connection is told about an invalid one; it is not rejected. */
  readonly clientCa?: string;
  readonly allowHttp1: boolean;
  readonly name: ServerName;
  readonly connections: Pick<ConnectionRegistry, "open">;
  /** Steps for every connection, in addition to its script. */
  readonly houseRules?: readonly ConnectionStep[];
  openConnection(socket: TLSSocket): C;
  serve(exchange: Exchange, connection: C): Promise<void>;
}

export interface ListenerConnection {
  /** Number of streams announced in the first SETTINGS frame. */
  readonly initialStreams: number;
}

export interface TlsListener extends AsyncDisposable {
  readonly port: number;
  /** Replaces the certificate for later handshakes. */
  present(identity: PemPair): void;
}

/**
 * Serves HTTP/2, and HTTP/1.1 if allowed, on one TLS port. Sessions are created by hand for each socket, because the
 * number of streams announced first depends on the client's certificate. A client without ALPN gets the oldest protocol
 * served: Apple requires no ALPN and serves only HTTP/2.
 */
export async function startTlsListener<C extends ListenerConnection>(
  options: TlsListenerOptions<C>,
): Promise<TlsListener> {
  const { clientCa, allowHttp1 } = options;
  const connections = new WeakMap<object, C>();
  const sockets = new Set<Socket>();
  /** The TCP socket below TLS, which Node does not expose. */
  const tcpSockets = new Map<number | undefined, Socket>();
  const context = ({ certificate, key }: PemPair) => ({
    cert: certificate,
    key,
    ...(clientCa ? { ca: clientCa } : {}),
  });
  const http1 = createHttp1Server((exchange, socket) => serveSafely(options, exchange, connections.get(socket)));
  const server = createTlsServer({
    ...context(options.identity),
    ALPNProtocols: allowHttp1 ? ["h2", "http/1.1"] : ["h2"],
    ...(clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
  });
  server.on("connection", (socket: Socket) => {
    track(sockets, socket);
    tcpSockets.set(socket.remotePort, socket);
    socket.once("close", () => tcpSockets.delete(socket.remotePort));
  });
  server.on("secureConnection", (socket) => {
    track(sockets, socket);
    const connection = options.openConnection(socket);
    connections.set(socket, connection);
    if (allowHttp1 && socket.alpnProtocol !== "h2") return void http1.emit("connection", socket);
    serveHttp2(options, { socket, tcp: tcpSockets.get(socket.remotePort) ?? socket }, connection);
  });
  server.listen(options.port, options.host);
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    present: (identity) => server.setSecureContext(context(identity)),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      http1.close();
      await closed;
    },
  };
}

function serveHttp2<C extends ListenerConnection>(
  options: TlsListenerOptions<C>,
  sockets: { readonly socket: TLSSocket; readonly tcp: Socket },
  connection: C,
): void {
  const opened = options.connections.open(options.name, sockets, options.houseRules);
  const maxConcurrentStreams = opened.streams ?? connection.initialStreams;
  const session = performServerHandshake(opened.connection.inner, { settings: { maxConcurrentStreams } });
  serveHttp2Session(session, opened, (exchange) => serveSafely(options, exchange, connection));
  opened.start();
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  // A client that resets its connection is not an error here.
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
