import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { randomBytes } from "node:crypto";

export interface NtpAnswer {
  /** The server's clock minus ours, in milliseconds. */
  readonly offsetMs: number;
  /** Round trip time. */
  readonly delayMs: number;
  readonly stratum: number;
}

export interface NtpServer {
  readonly host: string;
  readonly port: number;
}

const PACKET_BYTES = 48;
/** No leap warning, version 4, mode 3 (client): RFC 4330 §4. */
const CLIENT_HEADER = 0b00_100_011;
const MODE_SERVER = 4;
const NOT_SYNCHRONISED = 3;
/** Seconds from 1900 to 1970. */
const NTP_EPOCH_OFFSET_S = 2_208_988_800;

/** Asks one server once. Rejects if it gives no usable answer. */
export async function askNtpServer({ host, port }: NtpServer, signal: AbortSignal): Promise<NtpAnswer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new Error("no answer"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    const { address, family } = await Promise.race([lookup(host), late]);
    using socket = openSocket(family);
    return await Promise.race([exchange(socket.socket, address, port), late]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function openSocket(family: number): { readonly socket: Socket } & Disposable {
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  return { socket, [Symbol.dispose]: () => socket.close() };
}

function exchange(socket: Socket, address: string, port: number): Promise<NtpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<NtpAnswer>();
  // The answer repeats it, so a forged one would have to guess it.
  const cookie = randomBytes(8);
  let sentAt = performance.now();
  socket.once("error", reject);
  socket.on("message", (packet) => {
    const receivedAt = performance.now();
    if (packet.length < PACKET_BYTES || !packet.subarray(24, 32).equals(cookie)) return;
    try {
      resolve(readAnswer(packet, sentAt, receivedAt));
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
  const request = Buffer.alloc(PACKET_BYTES);
  request.writeUInt8(CLIENT_HEADER, 0);
  cookie.copy(request, 40);
  socket.connect(port, address, () => {
    sentAt = performance.now();
    socket.send(request);
  });
  return promise;
}

/** RFC 4330 §5. `sentAt` and `receivedAt` are from the monotonic clock. */
function readAnswer(packet: Buffer, sentAt: number, receivedAt: number): NtpAnswer {
  const header = packet.readUInt8(0);
  const stratum = packet.readUInt8(1);
  if ((header & 0b111) !== MODE_SERVER) throw new Error("the answer is not a server's");
  if (stratum === 0) throw new Error(`it refuses: ${packet.subarray(12, 16).toString("latin1").replaceAll("\0", "")}`);
  if (header >> 6 === NOT_SYNCHRONISED || stratum > 15) throw new Error("its own clock is not synchronised");
  const serverReceived = readTimestamp(packet, 32);
  const serverSent = readTimestamp(packet, 40);
  // Computes the wall clock at both times, even if it was set in between.
  const wallClockAt = Date.now() - performance.now();
  const ours = (at: number) => wallClockAt + at;
  return {
    offsetMs: (serverReceived - ours(sentAt) + (serverSent - ours(receivedAt))) / 2,
    delayMs: Math.max(0, receivedAt - sentAt - (serverSent - serverReceived)),
    stratum,
  };
}

/** Reads a 64-bit timestamp as epoch milliseconds. */
function readTimestamp(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at) - NTP_EPOCH_OFFSET_S;
  return seconds * 1000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}
