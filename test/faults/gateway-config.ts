import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

export interface GatewayConfigParts {
  readonly directory: string;
  readonly simulator: Simulator;
  readonly port: number;
  /** Link to Apple. */
  readonly link: TcpProxy | undefined;
  readonly storeSection: string;
  /** Domains that each have their own apps, without an app for any other; undefined for one pair of apps for all. */
  readonly domains: readonly string[] | undefined;
}

/** Messages are retried as often as calls; otherwise a run would have to wait for minutes. */
const RETRY = "retry: { base_ms: 100, cap_ms: 1000, apns_busy_ms: 0, fcm_busy_ms: 0 }";

/** Writes or rewrites the configuration of one gateway and returns its path. */
export async function writeGatewayConfig(parts: GatewayConfigParts): Promise<string> {
  const { directory, port, storeSection } = parts;
  const file = join(directory, `config-${port}.yml`);
  const text = `
listen: [{ host: 127.0.0.1, port: ${port} }]
# The load, the provider and the oracle share the processor with the gateway: how late its event loop is says nothing of it here.
limits: { loop_delay_ms: 0 }
store: ${storeSection}
calls: { ${RETRY} }
messages: { ${RETRY} }
${buildApps(parts)}`;
  await writeFile(file, text);
  return file;
}

function buildApps({ simulator, link, domains }: GatewayConfigParts): string {
  const production = link === undefined ? simulator.apns.production : `https://127.0.0.1:${link.port}`;
  const apps = buildAppsConfig({ ...simulator, apns: { ...simulator.apns, production } });
  if (domains === undefined) return apps;
  const indented = apps.replaceAll(/^(?=.)/gm, "    ");
  return `domains:\n${domains.map((domain) => `  - domain: ${domain}\n${indented}`).join("")}`;
}
