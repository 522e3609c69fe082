import { X509Certificate } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { CredentialExpiry } from "../telemetry/metrics.ts";

/** When each certificate of the configuration expires: those for Apple, and the listeners' own. */
export function listCredentialExpiries({ apps, domains, listeners }: Config): CredentialExpiry[] {
  const owners = [{ name: "global", apps }, ...domains.map(({ domain, apps: own }) => ({ name: domain, apps: own }))];
  const apple = owners.flatMap(({ name, apps: { apns } }) => {
    const certificates = [
      { kind: "apns", credentials: apns?.credentials },
      { kind: "apns_voip", credentials: apns?.voipCredentials },
    ];
    return certificates.flatMap(({ kind, credentials }) =>
      credentials?.kind === "certificate" ? [{ app: name, kind, expiresAt: credentials.expiresAt }] : [],
    );
  });
  const files = new Map(
    listeners.flatMap(({ tls }) => (tls === undefined ? [] : [[tls.certificateFile, tls] as const])),
  );
  const own = [...files.values()].map(({ certificate }) => ({
    app: "gateway",
    kind: "listener",
    expiresAt: Date.parse(new X509Certificate(certificate).validTo),
  }));
  return [...apple, ...own];
}
