import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface InviteOptions {
  readonly to: number;
  readonly callId: string;
  /** Number of repetitions, as over a network that loses the answers. */
  readonly times: number;
}

const EVERY_MS = 150;
const TIMEOUT_MS = 20_000;

/** Sends the same INVITE repeatedly, byte for byte. Returns the final response. */
export async function sendInvites({ to, callId, times }: InviteOptions): Promise<string> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  const via = `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK-${port}`;
  const common = [
    via,
    `From: "Bob" <sip:bob@example.org>;tag=${port}`,
    "To: <sip:alice@example.org>",
    `Call-ID: ${callId}`,
    "Max-Forwards: 70",
    "Content-Length: 0",
  ];
  const invite = [
    "INVITE sip:alice@example.org SIP/2.0",
    ...common,
    "CSeq: 1 INVITE",
    `Contact: <sip:bob@127.0.0.1:${port}>`,
    "",
    "",
  ].join("\r\n");
  let sent = 0;
  const send = (): void => {
    sent += 1;
    socket.send(invite, to, "127.0.0.1");
    if (sent >= times) clearInterval(repeat);
  };
  const repeat = setInterval(send, EVERY_MS);
  send();
  try {
    for await (const [message] of onMessage(socket)) {
      const text = String(message);
      const status = Number(/^SIP\/2\.0 (\d{3}) /.exec(text)?.[1]);
      if (status < 200) continue;
      const [, toHeader = ""] = /^To: (.*)$/im.exec(text) ?? [];
      const ack = ["ACK sip:alice@example.org SIP/2.0", ...common, "CSeq: 1 ACK", "", ""].join("\r\n");
      socket.send(ack.replace("To: <sip:alice@example.org>", `To: ${toHeader.trim()}`), to, "127.0.0.1");
      return text;
    }
    throw new Error("unreachable");
  } finally {
    clearInterval(repeat);
    socket.close();
  }
}

async function* onMessage(socket: ReturnType<typeof createSocket>): AsyncGenerator<[Buffer]> {
  for (;;) yield (await once(socket, "message", { signal: AbortSignal.timeout(TIMEOUT_MS) })) as [Buffer];
}
