import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { startServerProgram, type ServerProgram } from "../fixtures/server-program.ts";
import { findUdpPort } from "./sipp.ts";

const CONFIG = join(import.meta.dirname, "../../examples/kamailio/kamailio.cfg");
const START_TIMEOUT_MS = 15_000;
const LOOK_MS = 100;

export interface KamailioOptions {
  /** `host:port` of the gateway's plain listener. */
  readonly gateway: string;
  readonly parkMs: number;
  readonly directory: string;
}

export interface Kamailio extends ServerProgram {
  readonly port: number;
}

/** Starts Debian's Kamailio with the example's configuration, on a free port. */
export async function startKamailio({ gateway, parkMs, directory }: KamailioOptions): Promise<Kamailio> {
  const port = await findUdpPort();
  const defines = [`LISTEN=udp:127.0.0.1:${port}`, `GATEWAY=${gateway}`, `PARK_MS=${parkMs}`];
  // In the foreground with separate files, so that several can run at the same time.
  const args = ["-DD", "-E", "-f", CONFIG, "-m", "64", "-M", "8", "-w", directory, "-Y", directory];
  const program = await startServerProgram({
    name: "Kamailio",
    command: "/usr/sbin/kamailio",
    args: [...args, ...defines.flatMap((define) => ["-A", define])],
    awaitReady: () => awaitAnswer(port),
  });
  return { ...program, port };
}

/** Polls until it gives any answer. */
export async function awaitAnswer(port: number): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port: own } = socket.address();
  const request = [
    "OPTIONS sip:example.org SIP/2.0",
    `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bKready`,
    "From: <sip:test@example.org>;tag=1",
    "To: <sip:nobody@example.org>",
    `Call-ID: ready-${own}`,
    "CSeq: 1 OPTIONS",
    "Max-Forwards: 5",
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
  const ask = setInterval(() => socket.send(request, port, "127.0.0.1"), LOOK_MS);
  try {
    await once(socket, "message", { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
  } finally {
    clearInterval(ask);
    socket.close();
  }
}
