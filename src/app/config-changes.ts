import { isDeepStrictEqual } from "node:util";
import type { Config, StoreConfig } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Listener, RunningListeners } from "../http/listen.ts";
import type { ConfiguredGateway } from "./configured.ts";
import type { CredentialAlarms } from "./credential-alarms.ts";
import type { Stores } from "./open-stores.ts";
import { listLaunchPaths } from "./plugins.ts";
import { compact } from "../push/compact.ts";

/** Changes of the configuration while the gateway runs. */
export interface ConfigChanges {
  /**
   * Switches to a reloaded configuration without closing a connection or losing a push. Returns the settings that need
   * a restart.
   */
  reload(config: Config): readonly string[];
  /** Reports that a new configuration cannot be used. The old one stays in force. */
  refuseReload(why: string): void;
  /** Switches to the new content of these files, with unchanged settings. `warnings` are new ones. */
  renewCredentials(config: Config, files: readonly string[], warnings: readonly string[]): void;
  /** Reports all credentials that cannot be used now; empty if there are none. */
  noteCredentialFaults(faults: readonly CredentialFault[]): void;
  /** Reports a bug that was caught by code without a log. */
  noteUnexpected(what: string, error: unknown): void;
}

export interface ConfigChangesDeps {
  /** The configuration with which the process started. */
  readonly config: Config;
  readonly settings: Pick<ConfiguredGateway, "replace">;
  readonly listeners: Pick<RunningListeners, "renewCertificates">;
  readonly credentials: Pick<CredentialAlarms, "follow" | "noteFaults">;
  readonly stores: Pick<Stores, "renewLogin">;
  readonly events: GatewayEvents;
}

export function followConfig(deps: ConfigChangesDeps): ConfigChanges {
  const { config, settings, listeners, credentials, stores, events } = deps;
  let current = config;
  const renewStoreLogin = (before: StoreConfig, next: StoreConfig): void => {
    const isSame = isDeepStrictEqual(withoutLogin(next), withoutLogin(config.store));
    if (!isSame || isDeepStrictEqual(before, next)) return;
    stores.renewLogin(next).catch((error: unknown) => events.storeFailed("take up the store's new login", error));
  };
  const take = (next: Config): void => {
    renewStoreLogin(current.store, next.store);
    current = next;
    settings.replace(next);
    listeners.renewCertificates(listListeners(next));
    credentials.follow(next);
  };
  return {
    reload(next) {
      take(next);
      const waiting = listRestartSettings(config, next);
      events.configReloaded(waiting);
      return waiting;
    },
    refuseReload: (why) => events.configRefused(why),
    renewCredentials(next, files, warnings) {
      const waiting = listRestartSettings(current, next).map((name) => `${name} needs a new start of the gateway.`);
      take(next);
      events.credentialsRenewed(files, [...warnings, ...waiting]);
    },
    noteCredentialFaults: (faults) => credentials.noteFaults(faults),
    noteUnexpected: (what, error) => events.unexpected(what, error),
  };
}

export function listListeners(config: Config): Listener[] {
  const published = listPublishedNames(config);
  return config.listeners.map(({ host, port, tls, loopback, requireKey = !loopback, names = [] }) =>
    compact({
      host,
      port,
      requireKey,
      names: [...names, ...published],
      tls,
    }),
  );
}

/** Returns the hosts in addresses that the gateway gives to apps and users. */
function listPublishedNames({ calls, launcher }: Config): string[] {
  const urls = [calls.publicUrl, ...(launcher?.apps.map(({ url }) => url) ?? [])];
  return urls.flatMap((url) => (url === undefined ? [] : [new URL(url).hostname]));
}

/** Returns the fixed part of a store's settings. A login may change. */
function withoutLogin(store: StoreConfig): unknown {
  if (store.kind === "sqlite") return store;
  const { username: _user, password: _password, tls, ...connection } = store.connection;
  if (connection.kind !== "sentinel") return { ...store, connection, isTls: tls !== undefined };
  const { sentinelUsername: _sentinelUser, sentinelPassword: _sentinelPassword, ...rest } = connection;
  return { ...store, connection: rest, isTls: tls !== undefined };
}

/** Returns changed settings that are fixed when the process starts. */
function listRestartSettings(running: Config, next: Config): string[] {
  const places = ({ listeners }: Config) =>
    listeners.map(({ host, port, tls, requireKey, names }) => [host, port, tls !== undefined, requireKey, names]);
  const launchRoutesOf = ({ launcher }: Config) => [
    listLaunchPaths(launcher),
    launcher?.linksPerMinute,
    launcher?.signUp?.path,
  ];
  const fixed = {
    "port, host, ssl or listen": [places(running), places(next)],
    processes: [running.processes, next.processes],
    store: [withoutLogin(running.store), withoutLogin(next.store)],
    dialects: [running.dialects, next.dialects],
    "launcher.paths, links_per_minute or sign_up.path": [launchRoutesOf(running), launchRoutesOf(next)],
    trusted_proxies: [running.trustedProxies, next.trustedProxies],
    "log.level": [running.log, next.log],
  };
  return Object.entries(fixed).flatMap(([name, [before, after]]) => (isDeepStrictEqual(before, after) ? [] : [name]));
}
