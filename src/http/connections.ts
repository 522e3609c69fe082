import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Connections that Node counts as idle are closed at once. One that has sent half a request gets this long to send the
 * rest.
 */
const HALF_SENT_MS = 250;

export interface Connections {
  /** True once the server has announced that it will close. */
  readonly isEnding: boolean;
  /** Returns true if bytes written to this connection now would be taken for the answer to a complete request. */
  owesAnswer(socket: Socket): boolean;
  /** Marks the connection as busy until the returned function is called. */
  hold(socket: Socket): () => void;
  /** Makes every further answer the last one of its connection. */
  announceEnd(): void;
  /** `performance.now()` when the last connection was accepted. */
  readonly lastTakenAt: number;
  /**
   * Call when the server closes. Finishes answers in progress, closes all idle connections, and cuts the rest after
   * `graceMs`. Without this a server waits until its keep-alive clients disconnect.
   */
  drain(graceMs: number): void;
}

interface Connection {
  /** The TCP socket. Under TLS, a request has a different one. */
  readonly socket: Socket;
  readonly work: Set<Work>;
}

interface Work {
  readonly owesAnswer: () => boolean;
}

/** Tracks which connections of a server have work, over HTTP/1.1 and HTTP/2, with and without TLS. */
export function trackConnections(server: Server): Connections {
  const open = new Map<string, Connection>();
  let isEnding = false;
  let lastTakenAt = -Infinity;

  const hold = (socket: Socket, owesAnswer = () => true) => {
    const work = { owesAnswer };
    const connection = open.get(keyOf(socket));
    connection?.work.add(work);
    return () => {
      connection?.work.delete(work);
    };
  };

  server.on("connection", (socket) => {
    lastTakenAt = performance.now();
    const key = keyOf(socket);
    const connection = { socket, work: new Set<Work>() };
    open.set(key, connection);
    socket.once("close", () => {
      if (open.get(key) === connection) open.delete(key);
    });
  });
  server.on("request", (request, response) => {
    response.once(
      "close",
      hold(request.socket, () => request.complete || response.headersSent),
    );
  });

  return {
    get isEnding() {
      return isEnding;
    },
    get lastTakenAt() {
      return lastTakenAt;
    },
    announceEnd() {
      isEnding = true;
    },
    owesAnswer: (socket) => [...(open.get(keyOf(socket))?.work ?? [])].some((work) => work.owesAnswer()),
    hold: (socket) => hold(socket),
    drain(graceMs) {
      isEnding = true;
      if (!server.listening) return;
      const cutWhere = (condition: (connection: Connection) => boolean) => {
        for (const connection of open.values()) if (condition(connection)) connection.socket.destroy();
      };
      const sweep = setInterval(() => cutWhere(({ work }) => work.size === 0), HALF_SENT_MS);
      const cut = setTimeout(() => cutWhere(() => true), graceMs);
      server.once("close", () => {
        clearInterval(sweep);
        clearTimeout(cut);
      });
    },
  };
}

/** Returns the remote address and port, which are the same for a TCP socket and the TLS socket around it. */
export function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
