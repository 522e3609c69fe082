import { createSimulatorPki, type PemPair, type SimulatorPki } from "./certificates.ts";

/**
 * What the listeners show to who connects: a certificate that is in order, one that has expired, one for another name, or one from an
 * authority that nobody trusts.
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
