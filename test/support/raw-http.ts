import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface RawAnswer {
  /** Such as `HTTP/1.1 200 OK`. */
  readonly statusLine: string;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends bytes unchanged and reads one answer, by its Content-Length or to the end of the connection. */
export async function exchangeRaw(origin: string, bytes: string | Uint8Array, ca?: string): Promise<RawAnswer> {
  const socket = connectTo(origin, ca);
  try {
    socket.write(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      const answer = readAnswer(Buffer.concat(chunks));
      if (answer !== undefined) return answer;
    }
    throw new Error(`the connection ended after: ${Buffer.concat(chunks).toString("latin1")}`);
  } finally {
    socket.destroy();
  }
}

function connectTo(origin: string, ca: string | undefined): Socket {
  const { protocol, hostname, port } = new URL(origin);
  const address = { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
  if (protocol === "http:") return connectPlain(address);
  return connectTls({ ...address, servername: "localhost", ...(ca === undefined ? {} : { ca }) });
}

function readAnswer(bytes: Buffer): RawAnswer | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...lines] = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const headers = new Map(
    lines.map((line) => [line.split(":", 1)[0]?.toLowerCase() ?? "", line.replace(/^[^:]*: */, "")]),
  );
  const length = Number(headers.get("content-length"));
  const body = bytes.subarray(headEnd + 4);
  if (body.length < length) return undefined;
  return { statusLine, status: Number(statusLine.split(" ")[1]), headers, body: body.toString("utf8") };
}
