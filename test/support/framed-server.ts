import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { createSimulatorPki } from "../../src/simulator/certificates.ts";
import {
  encodeFrame,
  encodeGoAway,
  encodeRstStream,
  encodeStreamsSetting,
  encodeWindowUpdate,
  FLAGS,
  FRAMES,
  readUint32,
  type Frame,
} from "../../src/simulator/frames/frame.ts";
import { createFrameReader } from "../../src/simulator/frames/read-frames.ts";

/**
 * HPACK: `:status` is entry 8 of the static table, followed by a value of three digits (RFC 7541, appendices A and
 * C.2).
 */
const encodeStatus = (status: number): Buffer => Buffer.from([0x08, 3, ...Buffer.from(String(status))]);

export interface FramedRequest {
  readonly streamId: number;
  readonly body: string;
  readonly connection: FramedConnection;
  /** Error code with which the client reset it, if it did. */
  readonly resetCode?: number;
}

/** The server's end of one connection. The test sends every frame except acknowledgements. */
export interface FramedConnection {
  /** Complete requests in order of arrival. */
  readonly requests: readonly FramedRequest[];
  readonly pings: number;
  /** True if the client has sent a GOAWAY. */
  readonly saidGoodbye: boolean;
  readonly closed: boolean;
  announceStreams(count: number): void;
  answer(streamId: number, body?: string, status?: number): void;
  /** Sends headers and the first part of a body without an end. */
  beginAnswer(streamId: number, part: string): void;
  reset(streamId: number, code: number): void;
  goAway(lastStreamId: number, code?: number): void;
  /** Stops reading and answering, but stays open. */
  freeze(): void;
  /** `end` sends FIN, `drop` sends RST. */
  end(): void;
  drop(): void;
}

export interface FramedServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly ca: string;
  readonly connections: readonly FramedConnection[];
  readonly open: readonly FramedConnection[];
  readonly requests: readonly FramedRequest[];
}

export interface FramedServerOptions {
  readonly port?: number;
  /** Number of streams that the first SETTINGS announces; `later` sends none until the test does. */
  readonly streams?: number | "later";
  readonly onRequest?: (request: FramedRequest) => void;
}

const pki = createSimulatorPki();
const identity = pki.issueServerCertificate({ names: ["127.0.0.1", "localhost"] });

/** Starts an HTTP/2 server controlled down to the frame, for behaviour that Node's own server does not allow. */
export async function startFramedServer(options: FramedServerOptions = {}): Promise<FramedServer> {
  const connections: FramedConnection[] = [];
  const requests: FramedRequest[] = [];
  const onRequest = (request: FramedRequest): void => {
    requests.push(request);
    options.onRequest?.(request);
  };
  const sockets = new Map<number | undefined, Socket>();
  const server = createServer({ cert: identity.certificate, key: identity.key, ALPNProtocols: ["h2"] }, (socket) => {
    const tcp = sockets.get(socket.remotePort);
    connections.push(serveFrames(socket, () => tcp?.resetAndDestroy(), { ...options, onRequest }));
  });
  server.on("connection", (socket: Socket) => {
    sockets.set(socket.remotePort, socket);
    socket.once("close", () => sockets.delete(socket.remotePort));
  });
  // A client that does not trust the certificate is not an error of the server.
  server.on("tlsClientError", () => {});
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://127.0.0.1:${port}`,
    port,
    ca: pki.ca,
    connections,
    get open() {
      return connections.filter(({ closed }) => !closed);
    },
    requests,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
}

function serveFrames(socket: TLSSocket, drop: () => void, options: FramedServerOptions): FramedConnection {
  const { streams = 100, onRequest } = options;
  const requests: (FramedRequest & { resetCode?: number })[] = [];
  const bodies = new Map<number, string>();
  let pings = 0;
  let saidGoodbye = false;
  let frozen = false;
  let announced = false;

  function write(frame: Buffer): void {
    if (!frozen && !socket.destroyed) socket.write(frame);
  }

  function writeAnswer(streamId: number, status: number, body: string, flags: number): void {
    write(encodeFrame({ type: FRAMES.headers, flags: FLAGS.endHeaders, streamId, payload: encodeStatus(status) }));
    write(encodeFrame({ type: FRAMES.data, flags, streamId, payload: Buffer.from(body) }));
  }

  const connection: FramedConnection = {
    requests,
    get pings() {
      return pings;
    },
    get saidGoodbye() {
      return saidGoodbye;
    },
    get closed() {
      return socket.destroyed;
    },
    announceStreams(count) {
      write(encodeStreamsSetting(count));
      if (!announced) write(encodeWindowUpdate(0, 2 ** 30));
      announced = true;
    },
    answer: (streamId, body = "", status = 200) => writeAnswer(streamId, status, body, FLAGS.endStream),
    beginAnswer: (streamId, part) => writeAnswer(streamId, 200, part, FLAGS.none),
    reset: (streamId, code) => write(encodeRstStream(streamId, code)),
    goAway: (lastStreamId, code = 0) => write(encodeGoAway(lastStreamId, code)),
    freeze() {
      frozen = true;
      socket.pause();
    },
    end: () => void socket.end(),
    drop,
  };

  function read({ type, flags, streamId, payload }: Frame): void {
    // The first frame must be the server's own SETTINGS.
    if (type === FRAMES.settings && flags !== FLAGS.ack && announced) {
      write(encodeFrame({ type: FRAMES.settings, flags: FLAGS.ack }));
    }
    if (type === FRAMES.ping && flags !== FLAGS.ack) {
      pings += 1;
      write(encodeFrame({ type: FRAMES.ping, flags: FLAGS.ack, payload }));
    }
    if (type === FRAMES.goAway) saidGoodbye = true;
    if (type === FRAMES.rstStream) {
      const request = requests.find((candidate) => candidate.streamId === streamId);
      if (request !== undefined) request.resetCode = readUint32(payload);
    }
    if (type === FRAMES.data) bodies.set(streamId, (bodies.get(streamId) ?? "") + payload.toString());
    if ((type === FRAMES.data || type === FRAMES.headers) && (flags & FLAGS.endStream) !== 0) {
      const request = { streamId, body: bodies.get(streamId) ?? "", connection };
      requests.push(request);
      onRequest?.(request);
    }
  }

  socket.on("error", () => {});
  socket.setNoDelay(true);
  socket.on("data", createFrameReader({ hasPreface: true, onFrame: read }));
  if (streams !== "later") connection.announceStreams(streams);
  return connection;
}
