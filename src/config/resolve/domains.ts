import { readDomain } from "../../push/address.ts";
import type { ProviderName } from "../../push/device.ts";
import type { AppsConfig, DomainConfig } from "../config.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import { ownerOf } from "../credentials/file-record.ts";
import { quote } from "../problem.ts";
import type { RawConfig, RawDomain } from "../schema/config-schema.ts";
import { resolveApns } from "./apns.ts";
import type { AppDeps } from "./proxy.ts";
import { activeSections, listGoogleProviders, resolveGoogle } from "./google.ts";
import { compact } from "../../push/compact.ts";

export function resolveGlobalApps(raw: RawConfig, deps: CredentialDeps): AppsConfig {
  const apns = raw.apns?.enable ? resolveApns(raw.apns, undefined, depsOf(undefined, "apns", raw, deps)) : undefined;
  return compact({ apns: apns ? apns : undefined, ...resolveGoogle(raw, {}, depsOf(undefined, "fcm", raw, deps)) });
}

function depsOf(domain: string | undefined, provider: ProviderName, general: RawConfig, deps: CredentialDeps): AppDeps {
  return { ...deps, general, files: deps.files.of(ownerOf(domain, provider)) };
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
  const apple = depsOf(domain, "apns", raw, deps);
  const google = depsOf(domain, "fcm", raw, deps);
  const apns = entry.apns?.enable ? resolveApns(entry.apns, raw.apns, apple) : undefined;
  const googleApps = resolveGoogle(entry, raw, google);
  const apps = compact({
    apns: apns && !apple.files.isRefused ? apns : undefined,
    ...(google.files.isRefused ? {} : googleApps),
  });
  const outOfOrder = [
    ...(apple.files.isRefused ? (["apns"] as const) : []),
    ...(google.files.isRefused ? listGoogleProviders(entry) : []),
  ];
  const disabledProviders = disabledBy(entry);
  return compact({
    domain,
    enabled: true,
    apps,
    disabledProviders: disabledProviders.length > 0 ? disabledProviders : undefined,
    outOfOrder: outOfOrder.length > 0 ? outOfOrder : undefined,
  });
}

function disabledBy(entry: RawDomain): ProviderName[] {
  const namesGoogle = entry.fcm !== undefined || entry.gcm !== undefined || entry.android !== undefined;
  return [
    ...(entry.apns?.enable === false ? (["apns"] as const) : []),
    ...(namesGoogle && activeSections(entry).length === 0 ? (["fcm", "gcm"] as const) : []),
  ];
}
