import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { FindProvider, GuardedProvider } from "../gateway/push-provider.ts";
import type { ProviderName } from "../push/device.ts";
import { createAppOpener, type AppOpenerDeps } from "./app-opener.ts";
import { listApps, type ConfiguredApps } from "./configured-apps.ts";
import { findProviderModule } from "./providers.ts";
import { RunningApps } from "./running-apps.ts";

export interface ProviderDirectoryDeps extends AppOpenerDeps {
  readonly events: Pick<GatewayEvents, "unexpected">;
}

export interface ProviderDirectory extends AsyncDisposable {
  readonly find: FindProvider;
  /**
   * Goes on with other apps. One whose settings are the same stays as it is, with its connections and tokens; one that goes or
   * changes ends the attempts under way with the credentials that they were begun with.
   */
  replace(configured: ConfiguredApps): void;
}

const ALARMS_OF_AN_APP = ["app_refused", "provider_down", "tokens_refused", "token_endpoint"] as const;

/** Which app serves which domain. Connections are opened with the first push. */
export function createProviderDirectory(configured: ConfiguredApps, deps: ProviderDirectoryDeps): ProviderDirectory {
  const { sleep, alarms, events } = deps;
  const opener = createAppOpener(deps);
  const running = new RunningApps(sleep);
  let disabledIn: ReadonlyMap<string, readonly ProviderName[]>;
  let names: ReadonlySet<string> = new Set();

  const replace = (next: ConfiguredApps): void => {
    const apps = listApps(next);
    const before = names;
    names = new Set(apps.map(({ name }) => name));
    disabledIn = new Map(next.domains.map(({ domain, disabledProviders = [] }) => [domain, disabledProviders]));
    running
      .replace(
        apps.map((app) => ({ key: keyOf(app.domain, app.provider), settings: app, open: () => opener.open(app) })),
      )
      .catch((error: unknown) => events.unexpected("close connections of the old configuration", error));
    const gone = [...before].filter((name) => !names.has(name));
    for (const name of gone) for (const kind of ALARMS_OF_AN_APP) alarms.clear(kind, name);
  };
  const findAmong = (domain: string | undefined, ways: readonly ProviderName[]): GuardedProvider | undefined =>
    ways.map((way) => running.find(keyOf(domain, way))).find((provider) => provider !== undefined);

  replace(configured);
  return {
    find(domain, provider) {
      const ways = [provider, ...(findProviderModule(provider)?.substitutes ?? [])];
      const inherited = ways.filter((way) => disabledIn.get(domain)?.includes(way) !== true);
      // Tokens of a domain's own app are worth nothing to another app: its own come first, whichever way they go.
      return findAmong(domain, ways) ?? findAmong(undefined, inherited);
    },
    replace,
    async [Symbol.asyncDispose]() {
      opener[Symbol.dispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}

/** Without a domain: the global app. A domain may have any name. */
function keyOf(domain: string | undefined, provider: ProviderName): string {
  return domain === undefined ? provider : `${domain}/${provider}`;
}
