import { createSocket } from "node:dgram";
import { once } from "node:events";

const TIMEOUT_MS = 10_000;

/** Registers alice's phone like Linphone, which supports GRUUs, and returns the registrar's answer. */
export async function sendRegister({
  to,
  contact,
}: {
  readonly to: number;
  readonly contact: string;
}): Promise<string> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  const register = [
    "REGISTER sip:example.org SIP/2.0",
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK-${port}`,
    `From: <sip:alice@example.org>;tag=${port}`,
    "To: <sip:alice@example.org>",
    `Call-ID: register-${port}`,
    "CSeq: 1 REGISTER",
    `Contact: ${contact}`,
    "Supported: replaces, outbound, gruu, path",
    "User-Agent: Test-Phone/1.0",
    "Max-Forwards: 70",
    "Expires: 60",
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
  try {
    const answered = once(socket, "message", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    socket.send(register, to, "127.0.0.1");
    return String((await answered)[0]);
  } finally {
    socket.close();
  }
}
