import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { compact } from "../push/compact.ts";

export interface ServerIdentity {
  readonly certificate: string;
  readonly key: string;
  readonly passphrase?: string;
}

export interface HandshakeFault {
  /** OpenSSL's code, such as `CERT_HAS_EXPIRED`. */
  readonly code: string;
  readonly message: string;
}

/**
 * Returns the verdict of a client that trusts these authorities on this certificate, without checking host names. Both
 * ends of the TLS connection are in this process, so the certificate can be checked before it is in use.
 */
export async function tryHandshake(
  { certificate, key, passphrase }: ServerIdentity,
  trusted: readonly string[],
  signal: AbortSignal,
): Promise<HandshakeFault | undefined> {
  const server = createServer(compact({ cert: certificate, key, passphrase }), (socket) => {
    socket.on("error", () => undefined);
    socket.end();
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening", { signal });
  try {
    const { port } = server.address() as AddressInfo;
    const client = connect({ host: "127.0.0.1", port, ca: [...trusted], checkServerIdentity: () => undefined });
    try {
      await once(client, "secureConnect", { signal });
      return undefined;
    } catch (error) {
      return readFault(error);
    } finally {
      client.on("error", () => undefined);
      client.destroy();
    }
  } finally {
    server.close();
  }
}

function readFault(error: unknown): HandshakeFault {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
  return { code, message };
}
