import { createSimulatorPki, type PemPair, type SimulatorPki } from "./certificates.ts";

/**
 * Certificates that the listeners can present: a valid one, an expired one, one for another name, and one from an
 * untrusted authority.
 */
export const SERVER_CERTIFICATES = ["good", "expired", "wrong-name", "untrusted"] as const;
export type ServerCertificate = (typeof SERVER_CERTIFICATES)[number];

const DAY_MS = 86_400_000;

export function issueServerCertificate(kind: ServerCertificate, pki: SimulatorPki, names: readonly string[]): PemPair {
  switch (kind) {
    case "good":
      return pki.issueServerCertificate({ names });
    case "expired": {
      const yesterday = Date.now() - DAY_MS;
      const notBefore = new Date(yesterday - DAY_MS);
      return pki.issueServerCertificate({ names, notBefore, notAfter: new Date(yesterday) });
    }
    case "wrong-name":
      return pki.issueServerCertificate({ names: ["somebody.else.invalid"] });
    case "untrusted":
      return createSimulatorPki().issueServerCertificate({ names });
  }
}
