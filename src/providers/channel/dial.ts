import { once, type EventEmitter } from "node:events";
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContextOptions, type TLSSocket } from "node:tls";
import { ConnectError } from "./errors.ts";
import { openTunnel, type Proxy } from "./proxy-tunnel.ts";

export type TlsCredentials = Pick<SecureContextOptions, "ca" | "cert" | "key" | "passphrase">;

export interface Destination {
  /** `https://host:port` */
  readonly origin: string;
  readonly protocol: "h2" | "http/1.1";
  readonly tls: TlsCredentials;
  readonly proxy?: Proxy;
  /** In place of the system's, which is asked anew for each connection. */
  readonly lookup?: LookupFunction;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** How long each of several addresses is given before the next one is tried; the last one has all the time that is left. */
const ADDRESS_TIMEOUT_MS = 400;
/** Keeps a firewall's or a router's memory of an idle connection fresh, below HTTP/2 and unseen by the provider. */
const TCP_KEEPALIVE_MS = 45_000;

/** A TLS connection to a host that has proved who it is, through the proxy if there is one. Rejects with `signal`'s reason, too. */
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
  const socket = connectTcp({
    host,
    port,
    // All addresses of the name, of both families in turn.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEPALIVE_MS,
    ...(lookup === undefined ? {} : { lookup }),
  });
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
      // Said here, the environment (NODE_TLS_REJECT_UNAUTHORIZED) cannot unsay it.
      rejectUnauthorized: true,
      ...(isIP(host) ? {} : { servername: host }),
    });
  } catch (error) {
    // A key that Node cannot read.
    tcp.destroy();
    throw error;
  }
  socket.once("close", () => tcp.destroy());
  await happens(socket, "secureConnect", signal);
  return socket;
}

/** Waits for an event of a socket, which does not outlive an error or `signal`. */
async function happens(socket: EventEmitter & { destroy(): void }, event: string, signal: AbortSignal): Promise<void> {
  socket.on("error", ignore);
  try {
    await once(socket, event, { signal });
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}

/** An error that comes after the first one has nothing to add; without a listener it would end the process. */
function ignore(): void {}

function readAddress(origin: string): Address {
  const { hostname, port } = new URL(origin);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 443) };
}

function formatAuthority({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
