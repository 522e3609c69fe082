import type { ProviderName } from "../push/device.ts";
import { PROVIDER_NAMES, type Apps } from "./providers.ts";

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
export interface ConfiguredApp {
  readonly domain: string | undefined;
  readonly name: string;
  readonly provider: ProviderName;
  /** Undefined if its credentials cannot be used. */
  readonly app: object | undefined;
}

/** Those that are out of order are among them, without their settings. */
export function listApps({ apps, domains }: ConfiguredApps): ConfiguredApp[] {
  return [
    ...listOwn(undefined, apps, []),
    ...domains.flatMap(({ domain, apps, outOfOrder }) => listOwn(domain, apps, outOfOrder ?? [])),
  ];
}

function listOwn(
  domain: string | undefined,
  apps: Readonly<Record<ProviderName, object | undefined>>,
  outOfOrder: readonly ProviderName[],
): ConfiguredApp[] {
  return PROVIDER_NAMES.map((provider) => ({
    domain,
    name: `${domain ?? "global"}/${provider}`,
    provider,
    app: apps[provider],
  })).filter(({ app, provider }) => app !== undefined || outOfOrder.includes(provider));
}
