import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import ipaddr from "ipaddr.js";
import { keyOf } from "./connections.ts";

export interface StrangerLimit {
  /** Most connections of one IPv4 address, or one IPv6 /64, that have not shown a valid API key. */
  readonly most: number;
  readonly isExempt: (address: string) => boolean;
  readonly onRefused: (address: string) => void;
}

export interface Strangers {
  /** Call when a request of this connection has shown a valid key: the connection counts no longer. */
  admit(request: IncomingMessage): void;
}

/** How long a connection without a key may be idle between requests. With one it is 75 s. */
const IDLE_MS = 5_000;
/** The general limit, for a session that has shown a key. */
const KNOWN_SESSION_MS = 150_000;

/**
 * Limits the connections of each address that have not shown a valid key, so that one stranger cannot use up all of a
 * listener's connections.
 */
export function limitStrangers(server: Server, { most, isExempt, onRefused }: StrangerLimit): Strangers {
  const counts = new Map<string, number>();
  /** By connection: the network that it is counted for. */
  const counted = new Map<string, string>();

  function release(key: string): void {
    const network = counted.get(key);
    if (network === undefined) return;
    counted.delete(key);
    const left = (counts.get(network) ?? 1) - 1;
    if (left > 0) counts.set(network, left);
    else counts.delete(network);
  }

  server.on("connection", (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || isExempt(remoteAddress)) return;
    const network = networkOf(remoteAddress);
    const count = counts.get(network) ?? 0;
    if (count >= most) {
      onRefused(remoteAddress);
      socket.destroy();
      return;
    }
    const key = keyOf(socket);
    counts.set(network, count + 1);
    counted.set(key, network);
    socket.once("close", () => release(key));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (!counted.has(keyOf(request.socket))) return;
    // After Node's own listener, which allows the connection 75 s.
    response.once("finish", () => {
      if (counted.has(keyOf(request.socket))) setIdleLimit(request, IDLE_MS);
    });
  });

  return {
    admit(request) {
      const key = keyOf(request.socket);
      if (!counted.has(key)) return;
      release(key);
      if (request.httpVersionMajor === 2) setIdleLimit(request, KNOWN_SESSION_MS);
    },
  };
}

function setIdleLimit(request: IncomingMessage, ms: number): void {
  if (request.httpVersionMajor !== 2) {
    request.socket.setTimeout(ms);
    return;
  }
  // The server handles both protocols, and types every request as one of HTTP/1.
  const { stream } = request as unknown as Http2ServerRequest;
  stream.session?.setTimeout(ms);
}

type Address = ReturnType<typeof ipaddr.process>;
type Network = readonly [Address, number];

/** Exempts loopback, and trusted proxies (addresses and networks), which carry the connections of many clients. */
export function createExemption(trustedProxies: readonly string[]): (address: string) => boolean {
  const proxies = trustedProxies.map(readNetwork);
  return (text) => {
    const address = ipaddr.process(text);
    if (address.range() === "loopback") return true;
    return proxies.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  };
}

function readNetwork(text: string): Network {
  if (text.includes("/")) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv6" ? 128 : 32];
}

/** A customer with IPv6 has a /64. */
function networkOf(text: string): string {
  const address = ipaddr.process(text);
  return address.kind() === "ipv6" ? address.toNormalizedString().split(":", 4).join(":") : address.toString();
}
