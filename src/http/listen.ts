import { isIPv4 } from "node:net";
import { setTimeout } from "node:timers/promises";
import { Server as TlsServer } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { FastifyInstance } from "fastify";
import type { HttpDeps } from "./http-deps.ts";
import { readCertificateNames } from "./certificate-names.ts";
import { buildSecureContext } from "./node-server.ts";
import { createHttpServer, type ListenerSecurity } from "./server.ts";

/**
 * Connections that may wait to be taken; the kernel's own limit is net.core.somaxconn, 4096 by default. Node's 511 fill
 * in a burst, and then a client's SYN is dropped and repeated only after one, three and seven seconds.
 */
const BACKLOG = 4_096;

export interface Listener extends ListenerSecurity {
  /** An address, a name, or `localhost` for both 127.0.0.1 and ::1. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
}

export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
  /** Such as `https://[::1]:45060`. */
  readonly url: string;
}

export interface RunningListeners extends AsyncDisposable {
  readonly addresses: readonly ListeningAddress[];
  /** Replaces the certificate for new connections; open ones continue. Opens no new listeners. */
  renewCertificates(listeners: readonly Listener[]): void;
}

/**
 * For `::`: true if another listener has IPv4 addresses on the same port, which Linux would otherwise assign to `::`.
 */
interface Placed extends Listener {
  readonly leavesIpv4: boolean;
}

interface OpenServer {
  readonly app: FastifyInstance;
  readonly names: Names;
  readonly address: ListeningAddress;
}

interface OpenListener extends OpenServer {
  /** Index among the listeners. */
  readonly index: number;
  /** The listener with the certificate in force. */
  listener: Listener;
}

/** Opens all listeners or none: if one fails, those opened before it are closed. Rejects with a ListenError. */
export async function startListeners(listeners: readonly Listener[], deps: HttpDeps): Promise<RunningListeners> {
  const open: OpenListener[] = [];
  const close = async () => {
    await Promise.all(open.map(({ app }) => app.close()));
  };
  try {
    for (const [index, listener] of listeners.entries()) {
      const leavesIpv4 = listeners.some(({ host, port }) => port === listener.port && isIPv4(host));
      for (const server of await openListener({ ...listener, leavesIpv4 }, deps))
        open.push({ ...server, index, listener });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    addresses: open.map(({ address }) => address),
    renewCertificates(renewed) {
      for (const server of open) renewCertificate(server, renewed);
    },
    [Symbol.asyncDispose]: close,
  };
}

/**
 * A port in Linux's ephemeral range, as NGCP's are, may briefly be the local port of another program's connection. A
 * gateway that is being replaced also needs a moment to leave.
 */
const PORT_RETRY_MS = 3_000;
const PORT_RETRY_PAUSE_MS = 200;

/** Number of attempts to find a port that is free on both loopback addresses. */
const PORT_TRIES = 5;

async function openListener(listener: Placed, deps: HttpDeps): Promise<readonly OpenServer[]> {
  if (listener.host !== "localhost") return [await open(listener, deps)];
  for (let triesLeft = PORT_TRIES; ; triesLeft -= 1) {
    const ipv4 = await open({ ...listener, host: "127.0.0.1" }, deps);
    try {
      return [ipv4, await open({ ...listener, host: "::1", port: ipv4.address.port }, deps)];
    } catch (error) {
      if (readCode(error) === "EADDRNOTAVAIL" || readCode(error) === "EAFNOSUPPORT") return [ipv4];
      await ipv4.app.close();
      const isWorthAnotherAttempt = listener.port === 0 && readCode(error) === "EADDRINUSE" && triesLeft > 1;
      if (!isWorthAnotherAttempt) throw error;
    }
  }
}

async function open(listener: Placed, deps: HttpDeps): Promise<OpenServer> {
  const retryUntil = performance.now() + (listener.port === 0 ? 0 : (deps.portRetryMs ?? PORT_RETRY_MS));
  for (;;) {
    try {
      return await openOnce(listener, deps);
    } catch (error) {
      if (readCode(error) !== "EADDRINUSE" || performance.now() >= retryUntil) throw error;
      await setTimeout(PORT_RETRY_PAUSE_MS);
    }
  }
}

async function openOnce(listener: Placed, deps: HttpDeps): Promise<OpenServer> {
  const { host, port, tls, leavesIpv4 } = listener;
  const names = createNames(listener);
  const app = createHttpServer({ ...listener, names: names.list }, deps);
  await app.ready();
  try {
    await app.listen({ host, port, backlog: BACKLOG, ipv6Only: host === "::1" || (host === "::" && leavesIpv4) });
  } catch (error) {
    await app.close();
    throw new ListenError(listener, error);
  }
  const bound = app.server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  return { app, names, address: { host, port: boundPort, url: buildUrl(tls !== undefined, host, boundPort) } };
}

/** Names of a listener, cached because reading its certificate takes too long for each request. */
interface Names {
  readonly list: () => readonly string[];
  readonly renew: (listener: Listener) => void;
}

function createNames(listener: Listener): Names {
  const read = ({ names = [], tls }: Listener) => [
    ...names,
    ...(tls === undefined ? [] : readCertificateNames(tls.certificate)),
  ];
  let current = read(listener);
  return {
    list: () => current,
    renew(next) {
      current = read(next);
    },
  };
}

function renewCertificate(open: OpenListener, renewed: readonly Listener[]): void {
  const { app, index, listener } = open;
  const isSame = ({ host, port }: Listener): boolean => host === listener.host && port === listener.port;
  const inPlace = renewed[index];
  const next = inPlace !== undefined && isSame(inPlace) ? inPlace : renewed.find(isSame);
  if (next?.tls === undefined || !(app.server instanceof TlsServer)) return;
  // A new context would forget the sessions that clients may resume.
  if (isDeepStrictEqual(next.tls, listener.tls)) return;
  app.server.setSecureContext(buildSecureContext(next.tls));
  open.names.renew(next);
  open.listener = next;
}

function buildUrl(isTls: boolean, host: string, port: number): string {
  return `${isTls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "Another program listens there (a second sip-pushd, or NGCP's own pushd), or has a connection that uses the port as its local end. 'ss -tanp' shows both. Stop it, or use another port; deploy/sysctl.d keeps NGCP's ports free of such connections.",
  EACCES: "Ports below 1024 need the capability CAP_NET_BIND_SERVICE; or use a higher port.",
  EADDRNOTAVAIL: "This machine has no such address. Listen on one that 'ip address' shows, or on 0.0.0.0 for all.",
  ENOTFOUND: "The name does not resolve. Use an address.",
};

class ListenError extends Error {
  override readonly name = "ListenError";
  /** Code of the operating system, such as `EADDRINUSE`. */
  readonly code: string | undefined;

  constructor({ host, port, tls }: Listener, cause: unknown) {
    const code = readCode(cause);
    const advice = (code === undefined ? undefined : ADVICE[code]) ?? "";
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot listen on ${buildUrl(tls !== undefined, host, port)}: ${reason}. ${advice}`.trim(), { cause });
    this.code = code;
  }
}

function readCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
