import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createLane, type Lane, type LaneMode } from "./proxy-lane.ts";

/** `up`: from client to server. */
export type Direction = "up" | "down" | "both";

/**
 * Behaviour of the link from now on.
 * - `black-hole` holds everything back, including ends of connections, like a dead link. It flows on when the mode
 *   changes.
 * - `cut-after` lets a number of bytes pass.
 * - `cut-before-reply` lets the next request through and closes the connection when its reply arrives.
 * - `cut` closes every connection, present and later ones.
 * - `reset` does the same with a RST.
 */
export type ProxyMode = LaneMode | { readonly kind: "cut" } | { readonly kind: "reset" };

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Current connections of clients. */
  readonly connections: number;
  /** Connections that clients have opened so far. */
  readonly opened: number;
  set(direction: Direction, mode: ProxyMode): void;
  /**
   * Makes present connections silent for ever without closing them, as when a NAT has forgotten them. New ones pass.
   */
  forget(): void;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly up: Lane;
  readonly down: Lane;
}

const PASS: LaneMode = { kind: "pass" };

/**
 * Starts a link on 127.0.0.1 that can be made to fail. The mode of each direction applies to present and new
 * connections.
 */
export async function startTcpProxy(target: { readonly port: number }): Promise<TcpProxy> {
  const links = new Set<Link>();
  const forgotten = new Set<Link>();
  const modes: { up: LaneMode; down: LaneMode } = { up: PASS, down: PASS };
  let refusal: "cut" | "reset" | undefined;
  let opened = 0;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    opened += 1;
    if (refusal !== undefined) return end(client, refusal);
    const link = openLink(client, target.port, modes, (ended) => {
      links.delete(ended);
      forgotten.delete(ended);
    });
    links.add(link);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return links.size;
    },
    get opened() {
      return opened;
    },
    set(direction, mode) {
      refusal = mode.kind === "cut" || mode.kind === "reset" ? mode.kind : undefined;
      if (mode.kind === "cut" || mode.kind === "reset") {
        for (const link of links) endLink(link, mode.kind);
        return;
      }
      for (const lane of direction === "both" ? (["up", "down"] as const) : [direction]) {
        modes[lane] = mode;
        for (const link of links) link[lane].set(mode);
      }
    },
    forget() {
      for (const link of links) {
        for (const lane of [link.up, link.down]) lane.set({ kind: "black-hole" });
        forgotten.add(link);
      }
      links.clear();
    },
    async [Symbol.asyncDispose]() {
      for (const link of [...links, ...forgotten]) endLink(link, "cut");
      server.close();
      await once(server, "close");
    },
  };
}

function openLink(
  client: Socket,
  port: number,
  modes: Readonly<Record<"up" | "down", LaneMode>>,
  onEnd: (link: Link) => void,
): Link {
  const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const cut = (): void => endLink(link, "cut");
  const up = createLane({ source: client, sink: server, mode: modes.up, cut });
  const down = createLane({ source: server, sink: client, mode: modes.down, cut });
  const link: Link = { client, server, up, down };
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.setNoDelay(true);
    // A RST is passed on as a RST, except over a dead link.
    socket.on("error", () => {
      if (!up.isDead && !down.isDead) other.resetAndDestroy();
    });
    socket.on("close", () => {
      if (client.destroyed && server.destroyed) onEnd(link);
    });
  }
  return link;
}

function endLink({ client, server, up, down }: Link, how: "cut" | "reset"): void {
  up.stop();
  down.stop();
  for (const socket of [client, server]) end(socket, how);
}

function end(socket: Socket, how: "cut" | "reset"): void {
  if (how === "reset") socket.resetAndDestroy();
  else socket.destroy();
}
