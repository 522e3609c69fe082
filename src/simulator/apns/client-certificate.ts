import type { TLSSocket } from "node:tls";
import { readAppleRights, type ApnsEnvironment } from "../../certificates/apple-rights.ts";

export interface ClientCertificate {
  /** True if the simulator's authority issued it and it is within its dates. */
  readonly trusted: boolean;
  readonly environments: readonly ApnsEnvironment[];
  readonly topics: readonly string[];
}

/** Returns the client's certificate, or undefined if it sent none. */
export function readClientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const { environments, topics, listedTopics } = readAppleRights(certificate);
  return { trusted: socket.authorized, environments, topics: listedTopics.length > 0 ? listedTopics : topics };
}
