import { readDomain } from "../../push/address.ts";
import type { ProviderName } from "../../push/device.ts";
import type { AppsConfig, DomainConfig } from "../config.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import { quote } from "../problem.ts";
import type { RawConfig, RawDomain } from "../schema/config-schema.ts";
import { resolveApns } from "./apns.ts";
import { activeSections, resolveGoogle } from "./google.ts";

export function resolveGlobalApps(raw: RawConfig, deps: CredentialDeps): AppsConfig {
  const apns = raw.apns?.enable ? resolveApns(raw.apns, undefined, deps) : undefined;
  return { ...(apns ? { apns } : {}), ...resolveGoogle(raw, {}, deps) };
}

export function resolveDomains(raw: RawConfig, deps: CredentialDeps): DomainConfig[] {
  const seen = new Set<string>();
  return raw.domains.flatMap((entry) => {
    const domain = readDomain(entry.domain);
    if (domain === undefined) {
      const message = "expected a domain name";
      deps.report.error(entry, "domain", {
        message,
        found: quote(entry.domain),
        mend: "write e.g. domain: example.org",
      });
      return [];
    }
    if (seen.has(domain)) {
      deps.report.error(entry, "domain", { message: `${domain} is given twice`, mend: "put both into one entry" });
    }
    seen.add(domain);
    return [resolveDomain(domain, entry, raw, deps)];
  });
}

function resolveDomain(domain: string, entry: RawDomain, raw: RawConfig, deps: CredentialDeps): DomainConfig {
  if (!entry.enable) return { domain, enabled: false, apps: {} };
  const apns = entry.apns?.enable ? resolveApns(entry.apns, raw.apns, deps) : undefined;
  const apps = { ...(apns ? { apns } : {}), ...resolveGoogle(entry, raw, deps) };
  const disabledProviders = disabledBy(entry);
  return { domain, enabled: true, apps, ...(disabledProviders.length > 0 ? { disabledProviders } : {}) };
}

function disabledBy(entry: RawDomain): ProviderName[] {
  const namesGoogle = entry.fcm !== undefined || entry.gcm !== undefined || entry.android !== undefined;
  return [
    ...(entry.apns?.enable === false ? (["apns"] as const) : []),
    ...(namesGoogle && activeSections(entry).length === 0 ? (["fcm", "gcm"] as const) : []),
  ];
}
