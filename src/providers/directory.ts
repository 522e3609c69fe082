import type { Clock } from "../gateway/clock.ts";
import type { FindProvider, PushProvider } from "../gateway/push-provider.ts";
import type { ProviderName } from "../push/device.ts";
import { createApnsProvider, type ApnsApp } from "./apns/provider.ts";
import { createFcmProvider, type FcmApp } from "./fcm/provider.ts";
import { createGcmProvider, type GcmApp } from "./gcm/provider.ts";

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
}

export interface ProviderDirectoryDeps {
  readonly clock: Clock;
  /** What is put around each app's provider, e.g. its limits; it owns the provider then. */
  readonly guard: (provider: PushProvider) => PushProvider;
}

export interface ProviderDirectory extends AsyncDisposable {
  readonly find: FindProvider;
}

type Providers = Readonly<Partial<Record<ProviderName, PushProvider>>>;

/**
 * Google moved its devices from GCM to FCM with their tokens: a device that was registered for the one is reached through the other,
 * where only that is configured.
 */
const WAYS = {
  apns: ["apns"],
  fcm: ["fcm", "gcm"],
  gcm: ["gcm", "fcm"],
} as const satisfies Record<ProviderName, readonly ProviderName[]>;

/** Which app serves which domain. Connections are opened with the first push. */
export function createProviderDirectory(configured: ConfiguredApps, deps: ProviderDirectoryDeps): ProviderDirectory {
  const global = createProviders("global", configured.apps, deps);
  const domains = new Map(
    configured.domains.map((own) => [own.domain, { ...own, providers: createProviders(own.domain, own.apps, deps) }]),
  );
  return {
    find(domain, provider) {
      const own = domains.get(domain);
      const ways: readonly ProviderName[] = WAYS[provider];
      const inherited = ways.filter((way) => own?.disabledProviders?.includes(way) !== true);
      // Tokens of a domain's own app are worth nothing to another app: its own come first, whichever way they go.
      return findIn(own?.providers, ways) ?? findIn(global, inherited);
    },
    async [Symbol.asyncDispose]() {
      const all = [global, ...[...domains.values()].map(({ providers }) => providers)];
      await Promise.all(all.flatMap((one) => Object.values(one)).map((provider) => provider[Symbol.asyncDispose]()));
    },
  };
}

function findIn(providers: Providers = {}, ways: readonly ProviderName[]): PushProvider | undefined {
  return ways.map((way) => providers[way]).find((provider) => provider !== undefined);
}

function createProviders(
  owner: string,
  { apns, fcm, gcm }: Apps,
  { guard, ...deps }: ProviderDirectoryDeps,
): Providers {
  const named = (provider: ProviderName) => ({ ...deps, name: `${owner}/${provider}` });
  return {
    ...(apns === undefined ? {} : { apns: guard(createApnsProvider(apns, named("apns"))) }),
    ...(fcm === undefined ? {} : { fcm: guard(createFcmProvider(fcm, named("fcm"))) }),
    ...(gcm === undefined ? {} : { gcm: guard(createGcmProvider(gcm, named("gcm"))) }),
  };
}
