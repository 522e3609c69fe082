import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Idle by Node's own count is closed at once; what has sent half a request by then gets this long to send the rest. */
const HALF_SENT_MS = 250;

export interface Connections {
  /** True from the moment on at which the server says that it will close. */
  readonly isEnding: boolean;
  /** Whether something written to this connection now would be taken for the answer to a request that came in whole. */
  owesAnswer(socket: Socket): boolean;
  /** Marks the connection as busy until the returned function is called. */
  hold(socket: Socket): () => void;
  /** From now on every answer is the last one of its connection. */
  announceEnd(): void;
  /** When the last connection was taken; `performance.now()`. */
  readonly lastTakenAt: number;
  /**
   * Call it when the server closes. Answers under way are finished, everything else is closed, and what is left after
   * `graceMs` is cut. Without this a server waits for its keep-alive clients to go away.
   */
  drain(graceMs: number): void;
}

interface Connection {
  /** The TCP socket; under TLS not the one that a request has. */
  readonly socket: Socket;
  readonly work: Set<Work>;
}

interface Work {
  readonly owesAnswer: () => boolean;
}

/** Knows which connections of a server have work: over HTTP/1.1 and HTTP/2, with TLS and without. */
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

/** The far end's address and port: the same for a TCP socket and for the TLS socket around it. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
