import { isDeepStrictEqual } from "node:util";
import type { Config, StoreConfig } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Listener, RunningListeners } from "../http/listen.ts";
import type { ConfiguredGateway } from "./configured.ts";
import type { CredentialAlarms } from "./credential-alarms.ts";
import type { Stores } from "./open-stores.ts";
import { listLaunchPaths } from "./plugins.ts";

/** What a running gateway is told of its configuration. */
export interface ConfigChanges {
  /** Goes on with another configuration, which somebody asked to be read: no connection is closed, and no push is lost. Answers what needs a new start. */
  reload(config: Config): readonly string[];
  /** A new configuration could not be used, and the old one stays. */
  refuseReload(why: string): void;
  /** Goes on with what these files hold now; the settings are the same. `warnings` are new. */
  renewCredentials(config: Config, files: readonly string[], warnings: readonly string[]): void;
  /** All credentials that cannot be used now; none, once all are mended. */
  noteCredentialFaults(faults: readonly CredentialFault[]): void;
  /** A bug that somebody has caught who has no log of their own. */
  noteUnexpected(what: string, error: unknown): void;
}

export interface ConfigChangesDeps {
  /** The one that the process was started with. */
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
  return config.listeners.map(({ host, port, tls, loopback, requireKey = !loopback, names = [] }) => ({
    host,
    port,
    requireKey,
    names: [...names, ...published],
    ...(tls === undefined ? {} : { tls }),
  }));
}

/** The hosts of addresses that the gateway itself gives to apps and people. */
function listPublishedNames({ calls, launcher }: Config): string[] {
  const urls = [calls.publicUrl, ...(launcher?.apps.map(({ url }) => url) ?? [])];
  return urls.flatMap((url) => (url === undefined ? [] : [new URL(url).hostname]));
}

/** What is fixed of a store: a login may change. */
function withoutLogin(store: StoreConfig): unknown {
  if (store.kind === "sqlite") return store;
  const { username: _user, password: _password, tls, ...connection } = store.connection;
  if (connection.kind !== "sentinel") return { ...store, connection, isTls: tls !== undefined };
  const { sentinelUsername: _sentinelUser, sentinelPassword: _sentinelPassword, ...rest } = connection;
  return { ...store, connection: rest, isTls: tls !== undefined };
}

/** What is fixed when the process starts. */
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
