import { Server as TlsServer } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { FastifyInstance } from "fastify";
import type { HttpDeps } from "./http-deps.ts";
import { readCertificateNames } from "./certificate-names.ts";
import { buildSecureContext } from "./node-server.ts";
import { createHttpServer, type ListenerSecurity } from "./server.ts";

export interface Listener extends ListenerSecurity {
  /** An address, a name, or `localhost` for both 127.0.0.1 and ::1. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
  /** e.g. `https://[::1]:45060` */
  readonly url: string;
}

export interface RunningListeners extends AsyncDisposable {
  readonly addresses: readonly ListeningAddress[];
  /** New connections get the certificate that a listener has now; open connections go on. Others of `listeners` are not opened. */
  renewCertificates(listeners: readonly Listener[]): void;
}

interface OpenServer {
  readonly app: FastifyInstance;
  readonly names: Names;
  readonly address: ListeningAddress;
}

interface OpenListener extends OpenServer {
  /** Its place among the listeners. */
  readonly index: number;
  /** With the certificate in force. */
  listener: Listener;
}

/** Opens all listeners, or none: where one fails, those before it are closed again. */
export async function startListeners(listeners: readonly Listener[], deps: HttpDeps): Promise<RunningListeners> {
  const open: OpenListener[] = [];
  const close = async () => {
    await Promise.all(open.map(({ app }) => app.close()));
  };
  try {
    for (const [index, listener] of listeners.entries()) {
      for (const server of await openListener(listener, deps)) open.push({ ...server, index, listener });
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

/** How often a free port is looked for that is free on both loopback addresses. */
const PORT_TRIES = 5;

async function openListener(listener: Listener, deps: HttpDeps): Promise<readonly OpenServer[]> {
  if (listener.host !== "localhost") return [await open(listener, deps)];
  for (let triesLeft = PORT_TRIES; ; triesLeft -= 1) {
    const ipv4 = await open({ ...listener, host: "127.0.0.1" }, deps);
    try {
      return [ipv4, await open({ ...listener, host: "::1", port: ipv4.address.port }, deps)];
    } catch (error) {
      if (readCode(error) === "EADDRNOTAVAIL" || readCode(error) === "EAFNOSUPPORT") return [ipv4];
      await ipv4.app.close();
      const isWorthAnotherTry = listener.port === 0 && readCode(error) === "EADDRINUSE" && triesLeft > 1;
      if (!isWorthAnotherTry) throw error;
    }
  }
}

async function open(listener: Listener, deps: HttpDeps): Promise<OpenServer> {
  const { host, port, tls } = listener;
  const names = createNames(listener);
  const app = createHttpServer({ ...listener, names: names.list }, deps);
  await app.ready();
  try {
    await app.listen({ host, port, ipv6Only: host === "::1" });
  } catch (error) {
    await app.close();
    throw new ListenError(listener, error);
  }
  const bound = app.server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  return { app, names, address: { host, port: boundPort, url: buildUrl(tls !== undefined, host, boundPort) } };
}

/** The names that a listener goes by; reading its certificate takes too long for each request. */
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
  // A new context forgets the sessions that clients would resume.
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
    "Something else listens there: another sip-pushd, or NGCP's own pushd. Stop it ('ss -ltnp' shows who it is), or give this one another port.",
  EACCES: "Ports below 1024 need the capability CAP_NET_BIND_SERVICE; or use a higher port.",
  EADDRNOTAVAIL: "This machine has no such address. Listen on one that 'ip address' shows, or on 0.0.0.0 for all.",
  ENOTFOUND: "The name does not resolve. Use an address.",
};

class ListenError extends Error {
  override readonly name = "ListenError";
  /** The operating system's, e.g. `EADDRINUSE`. */
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
