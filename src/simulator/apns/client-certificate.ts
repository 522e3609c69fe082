import type { TLSSocket } from "node:tls";
import { readAppleRights, type ApnsEnvironment } from "../../certificates/apple-rights.ts";

export interface ClientCertificate {
  /** Issued by the simulator's authority, and within its dates. */
  readonly trusted: boolean;
  readonly environments: readonly ApnsEnvironment[];
  readonly topics: readonly string[];
}

/** Returns the certificate of a connection's client, undefined if it showed none. */
export function readClientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const { environments, topics, listedTopics } = readAppleRights(certificate);
  return { trusted: socket.authorized, environments, topics: listedTopics.length > 0 ? listedTopics : topics };
}
