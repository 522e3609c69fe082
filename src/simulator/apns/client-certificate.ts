import type { PeerCertificate, TLSSocket } from "node:tls";
import { readAppleRights, type ApnsEnvironment } from "../apple-certificate.ts";

export interface ClientCertificate {
  /** Issued by the simulator's authority, and within its dates. */
  readonly trusted: boolean;
  readonly environments: readonly ApnsEnvironment[];
  readonly topics: readonly string[];
}

/** The certificate of a connection's client; undefined where it showed none. */
export function readClientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  // Node's type hides that the answer is an empty object where there is no certificate.
  const peer: Partial<PeerCertificate> = socket.getPeerCertificate();
  if (peer.raw === undefined) return undefined;
  const { environments, topics } = readAppleRights(peer.raw);
  const baseTopic = peer.subject?.["UID"];
  const onlyTopic = typeof baseTopic === "string" ? [baseTopic] : [];
  return { trusted: socket.authorized, environments, topics: topics.length > 0 ? topics : onlyTopic };
}
