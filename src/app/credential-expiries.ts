import { X509Certificate } from "node:crypto";
import type { Config } from "../config/config.ts";
import { listApps, type ConfiguredApps } from "../providers/providers.ts";
import type { CredentialExpiry } from "../telemetry/metrics.ts";

export interface CertificateExpiry extends CredentialExpiry {
  readonly file: string;
  /** Name in alarms, such as `global/apns`. */
  readonly owner: string;
}

interface ExpiringConfig extends Pick<Config, "listeners"> {
  readonly apps: ConfiguredApps;
  readonly domains: readonly { readonly domain: string; readonly apps: ConfiguredApps }[];
}

/** Returns the expiry of each certificate: those for providers, and the listeners' own. */
export function listCredentialExpiries({ apps, domains, listeners }: ExpiringConfig): CertificateExpiry[] {
  const owners = [{ name: "global", apps }, ...domains.map(({ domain, apps: own }) => ({ name: domain, apps: own }))];
  const ofApps = owners.flatMap(({ name, apps: its }) =>
    listApps(its).flatMap(({ module, app }) =>
      module
        .listCertificates(app)
        .map((certificate) => ({ ...certificate, app: name, owner: `${name}/${module.name}` })),
    ),
  );
  const files = new Map(
    listeners.flatMap(({ tls }) => (tls === undefined ? [] : [[tls.certificateFile, tls] as const])),
  );
  const own = [...files].map(([file, { certificate }]) => ({
    app: "gateway",
    owner: "gateway",
    kind: "listener",
    file,
    expiresAt: new X509Certificate(certificate).validToDate.getTime(),
  }));
  return [...ofApps, ...own];
}
