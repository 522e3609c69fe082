import type { ProviderName } from "../push/device.ts";
import type { ApnsApp } from "./apns/provider.ts";
import type { FcmApp } from "./fcm/provider.ts";
import type { GcmApp } from "./gcm/provider.ts";

export interface Apps {
  readonly apns?: ApnsApp;
  readonly fcm?: FcmApp;
  readonly gcm?: GcmApp;
}

export interface ConfiguredApps {
  /** For domains that have none of their own. */
  readonly apps: Apps;
  readonly domains: readonly DomainApps[];
}

interface DomainApps {
  readonly domain: string;
  readonly apps: Apps;
  /** The global app does not stand in for these. */
  readonly disabledProviders?: readonly ProviderName[];
  /** Apps of the domain whose credentials cannot be used for now. */
  readonly outOfOrder?: readonly ProviderName[];
}

/** One app of the configuration. */
export type ConfiguredApp = { readonly domain: string | undefined; readonly name: string } & (
  | { readonly provider: "apns"; readonly app: ApnsApp | undefined }
  | { readonly provider: "fcm"; readonly app: FcmApp | undefined }
  | { readonly provider: "gcm"; readonly app: GcmApp | undefined }
);

/** Those that are out of order are among them, without their settings. */
export function listApps({ apps, domains }: ConfiguredApps): ConfiguredApp[] {
  return [
    ...listOwn(undefined, apps, []),
    ...domains.flatMap(({ domain, apps, outOfOrder }) => listOwn(domain, apps, outOfOrder ?? [])),
  ];
}

function listOwn(
  domain: string | undefined,
  { apns, fcm, gcm }: Apps,
  outOfOrder: readonly ProviderName[],
): ConfiguredApp[] {
  const all: ConfiguredApp[] = [
    { domain, name: nameOf(domain, "apns"), provider: "apns", app: apns },
    { domain, name: nameOf(domain, "fcm"), provider: "fcm", app: fcm },
    { domain, name: nameOf(domain, "gcm"), provider: "gcm", app: gcm },
  ];
  return all.filter(({ app, provider }) => app !== undefined || outOfOrder.includes(provider));
}

function nameOf(domain: string | undefined, provider: ProviderName): string {
  return `${domain ?? "global"}/${provider}`;
}
