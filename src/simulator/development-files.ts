import { createSimulatorPki } from "./certificates.ts";
import { createProviderTokenKey } from "./credentials.ts";

export interface DevelopmentFile {
  readonly name: string;
  readonly content: string;
  /** True if only its owner may read it. */
  readonly secret: boolean;
  /** Its purpose, in a phrase. */
  readonly what: string;
}

const OWN_NAMES = ["localhost", "127.0.0.1", "::1"];
const KEY_ID = "DEVKEY0001";
const TEAM_ID = "DEVTEAM001";

/**
 * Creates certificates of an authority whose key is discarded at once, so that nobody can issue further ones that are
 * trusted. `names` are host names of the gateway besides localhost.
 */
export function createDevelopmentFiles(names: readonly string[], bundleId: string): readonly DevelopmentFile[] {
  const pki = createSimulatorPki();
  const server = pki.issueServerCertificate({ names: [...new Set([...names, ...OWN_NAMES])] });
  const apns = pki.issueApnsCertificate({ bundleId, teamId: TEAM_ID });
  const tokenKey = createProviderTokenKey({ keyId: KEY_ID, teamId: TEAM_ID });
  return [
    { name: "ca.crt", content: pki.ca, secret: false, what: "the authority: clients have to trust it" },
    {
      name: "server.crt",
      content: server.certificate,
      secret: false,
      what: "for the gateway's listener (sslcertfile)",
    },
    { name: "server.key", content: server.key, secret: true, what: "its private key (sslcertkeyfile)" },
    { name: "apns-cert.pem", content: apns.certificate, secret: false, what: `like Apple's, for ${bundleId}` },
    { name: "apns-key.pem", content: apns.key, secret: true, what: "its private key" },
    { name: `AuthKey_${KEY_ID}.p8`, content: tokenKey.key, secret: true, what: "like an APNs signing key" },
  ];
}
