import { X509Certificate } from "node:crypto";
import type { ApnsAppConfig, Config } from "../config/config.ts";
import type { CredentialExpiry } from "../telemetry/metrics.ts";

export interface CertificateExpiry extends CredentialExpiry {
  readonly file: string;
  /** Name in alarms, such as `global/apns`. */
  readonly owner: string;
}

/** Returns the expiry of each certificate: those for Apple, and the listeners' own. */
export function listCredentialExpiries({ apps, domains, listeners }: Config): CertificateExpiry[] {
  const owners = [{ name: "global", apps }, ...domains.map(({ domain, apps: own }) => ({ name: domain, apps: own }))];
  const apple = owners.flatMap(({ name, apps: { apns } }) =>
    (apns === undefined ? [] : listApple(apns)).map((expiry) => ({ ...expiry, app: name, owner: `${name}/apns` })),
  );
  const files = new Map(
    listeners.flatMap(({ tls }) => (tls === undefined ? [] : [[tls.certificateFile, tls] as const])),
  );
  const own = [...files].map(([file, { certificate }]) => ({
    app: "gateway",
    owner: "gateway",
    kind: "listener",
    file,
    expiresAt: readExpiry(certificate),
  }));
  return [...apple, ...own];
}

function listApple({ credentials, voipCredentials }: ApnsAppConfig): Omit<CertificateExpiry, "app" | "owner">[] {
  if (credentials.kind === "token") {
    const { tls } = credentials;
    if (tls === undefined) return [];
    return [{ kind: "apns_tls", file: tls.certificateFile, expiresAt: readExpiry(tls.certificate) }];
  }
  const { file, expiresAt } = credentials;
  const main = { kind: "apns", file, expiresAt };
  if (voipCredentials === undefined) return [main];
  return [main, { kind: "apns_voip", file: voipCredentials.file, expiresAt: voipCredentials.expiresAt }];
}

function readExpiry(certificate: string): number {
  return new X509Certificate(certificate).validToDate.getTime();
}
