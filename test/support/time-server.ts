import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface TimeServerOptions {
  /** Milliseconds by which its clock is ahead of ours. */
  readonly aheadMs?: number;
  /** 0 is a kiss of death, with the code `refusal`. */
  readonly stratum?: number;
  readonly refusal?: string;
  /** Leap indicator; 3 says that its clock is not set. */
  readonly leap?: number;
  /** Answers without the request's timestamp, like a forged answer. */
  readonly forged?: boolean;
  readonly silent?: boolean;
}

export interface TimeServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

const NTP_EPOCH_OFFSET_S = 2_208_988_800;

/** An NTP server (RFC 5905, as far as a simple client uses it) on loopback. */
export async function startTimeServer(options: TimeServerOptions = {}): Promise<TimeServer> {
  const { aheadMs = 0, stratum = 2, refusal = "", leap = 0, forged = false, silent = false } = options;
  const socket = createSocket("udp4");
  socket.on("message", (request, { address, port }) => {
    if (silent || request.length < 48 || (request.readUInt8(0) & 0b111) !== 3) return;
    const answer = Buffer.alloc(48);
    answer.writeUInt8((leap << 6) | (4 << 3) | 4, 0);
    answer.writeUInt8(stratum, 1);
    answer.write(refusal, 12, "latin1");
    if (!forged) request.copy(answer, 24, 40, 48);
    writeTimestamp(answer, 32, Date.now() + aheadMs);
    writeTimestamp(answer, 40, Date.now() + aheadMs);
    socket.send(answer, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    host: "127.0.0.1",
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, "close");
    },
  };
}

function writeTimestamp(packet: Buffer, at: number, epochMs: number): void {
  packet.writeUInt32BE(Math.floor(epochMs / 1000) + NTP_EPOCH_OFFSET_S, at);
  packet.writeUInt32BE(Math.floor(((epochMs % 1000) / 1000) * 2 ** 32), at + 4);
}
