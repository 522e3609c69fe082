import type { X509Certificate } from "node:crypto";
import { connect } from "node:tls";

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** Resolves with the certificate that a server presents, trusted or not. Sends no data. */
export function askPeerCertificate(
  { host, port }: PeerAddress,
  signal: AbortSignal,
): Promise<{ readonly certificate: X509Certificate } | { readonly error: string }> {
  const { promise, resolve } = Promise.withResolvers<{ certificate: X509Certificate } | { error: string }>();
  const socket = connect({ host, port, rejectUnauthorized: false });
  const abort = () => socket.destroy(new Error("no answer in time"));
  signal.addEventListener("abort", abort, { once: true });
  socket.once("secureConnect", () => {
    const certificate = socket.getPeerX509Certificate();
    resolve(certificate === undefined ? { error: "it presents no certificate" } : { certificate });
    socket.destroy();
  });
  socket.once("error", (error) => resolve({ error: error.message }));
  socket.once("close", () => {
    signal.removeEventListener("abort", abort);
    resolve({ error: "it ended the connection" });
  });
  return promise;
}
