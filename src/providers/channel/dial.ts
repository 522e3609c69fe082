import { once, type EventEmitter } from "node:events";
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContextOptions, type TLSSocket } from "node:tls";
import { ConnectError } from "./errors.ts";
import { openTunnel, type Proxy } from "./proxy-tunnel.ts";
import { compact } from "../../push/compact.ts";

export type TlsCredentials = Pick<SecureContextOptions, "ca" | "cert" | "key" | "passphrase">;

export interface Destination {
  /** `https://host:port` */
  readonly origin: string;
  readonly protocol: "h2" | "http/1.1";
  readonly tls: TlsCredentials;
  readonly proxy?: Proxy;
  /** Replaces the system's resolver, which is queried for each connection. */
  readonly lookup?: LookupFunction;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Time for each of several addresses before the next is tried. The last one has all the remaining time. */
const ADDRESS_TIMEOUT_MS = 400;
/**
 * Keeps a firewall or router from forgetting an idle connection. It works below HTTP/2, so the provider does not see
 * it.
 */
const TCP_KEEPALIVE_MS = 45_000;

/**
 * Opens a TLS connection to an authenticated host, through the proxy if there is one. Also rejects with `signal`'s
 * reason.
 */
export async function dial(destination: Destination, signal: AbortSignal): Promise<TLSSocket> {
  const { proxy, lookup } = destination;
  const target = readAddress(destination.origin);
  if (proxy === undefined) return secure(await reach(target, lookup, signal), target, destination, signal);
  const tcp = await reach(proxy, lookup, signal).catch((cause: unknown) => {
    throw new ConnectError("proxy_not_reached", `no connection to the proxy ${proxy.host}:${proxy.port}`, { cause });
  });
  await openTunnel(tcp, formatAuthority(target), proxy, signal);
  return secure(tcp, target, destination, signal);
}

async function reach(
  { host, port }: Address,
  lookup: LookupFunction | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = connectTcp(
    compact({
      host,
      port,
      // All addresses of the name, alternating between families.
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEPALIVE_MS,
      lookup,
    }),
  );
  await happens(socket, "connect", signal);
  return socket;
}

async function secure(tcp: Socket, { host }: Address, { tls, protocol }: Destination, signal: AbortSignal) {
  let socket: TLSSocket;
  try {
    socket = connectTls({
      ...tls,
      socket: tcp,
      host,
      minVersion: "TLSv1.2",
      ALPNProtocols: [protocol],
      // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED cannot disable it.
      rejectUnauthorized: true,
      ...(isIP(host) ? {} : { servername: host }),
    });
  } catch (error) {
    // Node cannot read the key.
    tcp.destroy();
    throw error;
  }
  socket.once("close", () => tcp.destroy());
  await happens(socket, "secureConnect", signal);
  return socket;
}

/** Waits for an event of a socket. An error or `signal` destroys the socket. */
async function happens(socket: EventEmitter & { destroy(): void }, event: string, signal: AbortSignal): Promise<void> {
  socket.on("error", ignore);
  try {
    await once(socket, event, { signal });
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}

/** Errors after the first one add nothing, but without a listener they would end the process. */
function ignore(): void {}

function readAddress(origin: string): Address {
  const { hostname, port } = new URL(origin);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 443) };
}

function formatAuthority({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
