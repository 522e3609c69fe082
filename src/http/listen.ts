import { Server as TlsServer } from "node:tls";
import type { FastifyInstance } from "fastify";
import type { HttpDeps } from "./http-deps.ts";
import { buildSecureContext, type TlsMaterial } from "./node-server.ts";
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
  /** New connections get the certificates of `listeners`, the same ones in the same order; open connections go on. */
  renewCertificates(listeners: readonly ListenerSecurity[]): void;
}

interface OpenServer {
  readonly app: FastifyInstance;
  readonly address: ListeningAddress;
}

/** Opens all listeners, or none: where one fails, those before it are closed again. */
export async function startListeners(listeners: readonly Listener[], deps: HttpDeps): Promise<RunningListeners> {
  const open: (OpenServer & { readonly index: number })[] = [];
  const close = async () => {
    await Promise.all(open.map(({ app }) => app.close()));
  };
  try {
    for (const [index, listener] of listeners.entries()) {
      for (const server of await openListener(listener, deps)) open.push({ ...server, index });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    addresses: open.map(({ address }) => address),
    renewCertificates(renewed) {
      for (const { app, index } of open) replaceCertificate(app, renewed[index]?.tls);
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
  const { host, port, tls, requireKey } = listener;
  const app = createHttpServer({ requireKey, ...(tls === undefined ? {} : { tls }) }, deps);
  await app.ready();
  try {
    await app.listen({ host, port, ipv6Only: host === "::1" });
  } catch (error) {
    await app.close();
    throw new ListenError(listener, error);
  }
  const bound = app.server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  return { app, address: { host, port: boundPort, url: buildUrl(tls !== undefined, host, boundPort) } };
}

function replaceCertificate(app: FastifyInstance, tls: TlsMaterial | undefined): void {
  if (tls !== undefined && app.server instanceof TlsServer) app.server.setSecureContext(buildSecureContext(tls));
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
