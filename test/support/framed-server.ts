import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { createSimulatorPki } from "../../src/simulator/certificates.ts";

const PREFACE_BYTES = 24;
const HEADER_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const MAX_CONCURRENT_STREAMS = 3;
/** HPACK: the entry of the static table (RFC 7541, appendix A). */
const STATUS_200 = Buffer.from([0x88]);

export interface FramedRequest {
  readonly streamId: number;
  readonly body: string;
  readonly connection: FramedConnection;
  /** Why the client has given it up, if it has. */
  readonly resetCode?: number;
}

/** The server's end of one connection: every frame is the test's own doing, but for acknowledgements. */
export interface FramedConnection {
  /** Complete ones, in order of arrival. */
  readonly requests: readonly FramedRequest[];
  readonly pings: number;
  /** The client has sent a GOAWAY. */
  readonly saidGoodbye: boolean;
  readonly closed: boolean;
  announceStreams(count: number): void;
  answer(streamId: number, body?: string): void;
  /** Headers and the first part of a body that has no end. */
  beginAnswer(streamId: number, part: string): void;
  reset(streamId: number, code: number): void;
  goAway(lastStreamId: number, code?: number): void;
  /** Neither reads nor answers any more, and stays open. */
  freeze(): void;
  /** FIN, or RST. */
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
  /** What the first SETTINGS announces; `later` sends none until the test does. */
  readonly streams?: number | "later";
  readonly onRequest?: (request: FramedRequest) => void;
}

const pki = createSimulatorPki();
const identity = pki.issueServerCertificate({ names: ["127.0.0.1"] });

/** HTTP/2 down to the frame, for what Node's own server cannot be made to do. */
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
  // A client that does not trust the certificate is no error of the server's.
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

  function write(type: number, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): void {
    if (frozen || socket.destroyed) return;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUIntBE(payload.length, 0, 3);
    header.writeUInt8(type, 3);
    header.writeUInt8(flags, 4);
    header.writeUInt32BE(streamId, 5);
    socket.write(Buffer.concat([header, payload]));
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
      const setting = Buffer.alloc(6);
      setting.writeUInt16BE(MAX_CONCURRENT_STREAMS, 0);
      setting.writeUInt32BE(count, 2);
      write(SETTINGS, 0, 0, setting);
      if (!announced) write(WINDOW_UPDATE, 0, 0, uint32(2 ** 30));
      announced = true;
    },
    answer(streamId, body = "") {
      write(HEADERS, END_HEADERS, streamId, STATUS_200);
      write(DATA, END_STREAM, streamId, Buffer.from(body));
    },
    beginAnswer(streamId, part) {
      write(HEADERS, END_HEADERS, streamId, STATUS_200);
      write(DATA, 0, streamId, Buffer.from(part));
    },
    reset: (streamId, code) => write(RST_STREAM, 0, streamId, uint32(code)),
    goAway: (lastStreamId, code = 0) => write(GOAWAY, 0, 0, Buffer.concat([uint32(lastStreamId), uint32(code)])),
    freeze() {
      frozen = true;
      socket.pause();
    },
    end: () => void socket.end(),
    drop,
  };

  function read(type: number, flags: number, streamId: number, payload: Buffer): void {
    // The first frame has to be the server's own SETTINGS.
    if (type === SETTINGS && flags !== ACK && announced) write(SETTINGS, ACK, 0);
    if (type === PING && flags !== ACK) {
      pings += 1;
      write(PING, ACK, 0, payload);
    }
    if (type === GOAWAY) saidGoodbye = true;
    if (type === RST_STREAM) {
      const request = requests.find((candidate) => candidate.streamId === streamId);
      if (request !== undefined) request.resetCode = payload.readUInt32BE();
    }
    if (type === DATA) bodies.set(streamId, (bodies.get(streamId) ?? "") + payload.toString());
    if ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0) {
      const request = { streamId, body: bodies.get(streamId) ?? "", connection };
      requests.push(request);
      onRequest?.(request);
    }
  }

  socket.on("error", () => {});
  socket.setNoDelay(true);
  readFrames(socket, read);
  if (streams !== "later") connection.announceStreams(streams);
  return connection;
}

type ReadFrame = (type: number, flags: number, streamId: number, payload: Buffer) => void;

function readFrames(socket: TLSSocket, read: ReadFrame): void {
  let pending = Buffer.alloc(0);
  let prefaceRead = false;
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    if (!prefaceRead) {
      if (pending.length < PREFACE_BYTES) return;
      pending = pending.subarray(PREFACE_BYTES);
      prefaceRead = true;
    }
    while (pending.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + pending.readUIntBE(0, 3);
      if (pending.length < end) return;
      const [type = 0, flags = 0] = pending.subarray(3, 5);
      const payload = pending.subarray(HEADER_BYTES, end);
      read(type, flags, pending.readUInt32BE(5) & 0x7fffffff, payload);
      pending = pending.subarray(end);
    }
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
