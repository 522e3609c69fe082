import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { HttpTarget } from "../client/request-json.ts";

const TIMEOUT_MS = 10_000;

/** Sends bytes unchanged, which no HTTP client does, and resolves with the status of the answer. */
export async function sendRaw({ url, ca }: Pick<HttpTarget, "url" | "ca">, request: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect(url, ca);
  let head = "";
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer from ${url.origin} in ${TIMEOUT_MS} ms`)));
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    head += chunk;
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
    if (status === undefined) return;
    resolve(Number(status));
    socket.destroy();
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`${url.origin} closed the connection without an answer`)));
  socket.write(request);
  return promise;
}

function connect({ protocol, hostname, port }: URL, ca: string | undefined): Socket {
  const address = { host: hostname, port: Number(port) };
  if (protocol === "http:") return connectPlain(address);
  return connectTls({ ...address, servername: "localhost", ...(ca === undefined ? {} : { ca }) });
}
