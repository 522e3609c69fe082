import type { Config, DomainConfig, ListenerConfig, StoreConfig } from "../config/config.ts";
import { listApps, type ConfiguredApps } from "../providers/providers.ts";

/** Describes in a few lines for the operator what a gateway with this configuration would do. */
export function summarizeConfig(config: Config): string[] {
  if (!config.enabled) return ["enable: no, so that serve would do nothing"];
  const { domains, store, auth } = config;
  return [
    ...config.listeners.map(describeListener),
    ...(config.processes > 1 ? [`runs ${config.processes} worker processes`] : []),
    describeStore(store),
    `${auth.keys.length} API ${auth.keys.length === 1 ? "key" : "keys"} for the listeners that need one`,
    ...describeApps("all domains", config.apps),
    ...domains.flatMap(describeDomain),
  ];
}

function describeDomain({ domain, enabled, apps, outOfOrder = [] }: DomainConfig): string[] {
  if (!enabled) return [`${domain}: switched off`];
  return [...describeApps(domain, apps), ...outOfOrder.map((provider) => `${domain}: ${provider} is out of order`)];
}

function describeStore({ durability, ...store }: StoreConfig): string {
  const level = typeof durability === "string" ? durability : `replica (${durability.replicas})`;
  const where = store.kind === "sqlite" ? store.path : `Redis (${store.connection.kind}), keys ${store.keyPrefix}…`;
  return `keeps pushes and devices in ${where}, durability ${level}`;
}

function describeListener({ host, port, tls, loopback, requireKey }: ListenerConfig): string {
  const scheme = tls === undefined ? "http" : "https";
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return `listens on ${scheme}://${authority}, ${loopback && requireKey !== true ? "no key needed" : "an API key needed"}`;
}

/** Returns a line for each fact about the apps, each beginning with `whose` they are. */
export function describeApps(whose: string, apps: ConfiguredApps): string[] {
  return listApps(apps).flatMap(({ module, app }) => module.describeApp(app).map((line) => `${whose}: ${line}`));
}
