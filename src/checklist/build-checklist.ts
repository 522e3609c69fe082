import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { openStores } from "../app/open-stores.ts";
import { CHECK_TITLES, type Check } from "../checks/check.ts";
import { createConfigurationCheck, type DomainProviders } from "../checks/configuration.ts";
import { createDnsCheck } from "../checks/dns.ts";
import { createEndToEndCheck } from "../checks/end-to-end.ts";
import type { RunProgram } from "../checks/local-clock.ts";
import { createPortsCheck, parseKernelPorts, type KernelPorts } from "../checks/ports.ts";
import { createDnsResolver } from "../checks/resolver.ts";
import { createStoreCheck } from "../checks/store.ts";
import { createSubscribersCheck } from "../checks/subscribers.ts";
import { createTimeCheck } from "../checks/time.ts";
import { createTlsCheck, type TlsListener } from "../checks/tls.ts";
import { reachableHost } from "../client/find-gateway.ts";
import type { Config, HostRole, ListenerConfig } from "../config/config.ts";
import { tryLoadConfig, type LoadAttempt } from "../config/load-config.ts";
import { printProblem } from "../config/problem.ts";
import { holdsSecrets } from "../config/secret-settings.ts";
import { skipped } from "../push/finding.ts";
import { buildEndToEndInput, type EndToEndOptions } from "./end-to-end-input.ts";
import { buildVendorChecks } from "./vendor-checks.ts";

export interface ChecklistOptions extends EndToEndOptions {
  /** Version of this program, for the store. */
  readonly version: string;
}

/** Time limit for one query to a name or time server. */
const QUESTION_TIMEOUT_MS = 3_000;

/** Builds the whole checklist for a configuration. Checks that need a usable one say so if there is none. */
export function buildChecklist(options: ChecklistOptions): readonly Check[] {
  const { configFile, env, version } = options;
  const reading = tryLoadConfig({ file: configFile, env });
  const configuration = buildConfigurationCheck(configFile, reading);
  const config = reading.loaded?.config;
  if (config === undefined) {
    return [configuration, ...[...CHECK_TITLES.keys()].filter((name) => name !== configuration.name).map(postpone)];
  }
  // A check changes nothing.
  const open = () => openStores(config.store, { clock: Date.now, version, mayUpgrade: false });
  return [
    createTlsCheck(buildTlsInput(config)),
    createPortsCheck({ ports: config.listeners.map(({ port }) => port), readKernelPorts }),
    ...buildVendorChecks(config, Date.now),
    configuration,
    createDnsCheck(buildDnsInput(config)),
    createTimeCheck({ servers: config.checklist.ntpServers, run: runLocalProgram, timeoutMs: QUESTION_TIMEOUT_MS }),
    createStoreCheck({
      async inspect() {
        await using stores = await open();
        const { problems, degraded } = await stores.inspect();
        return { facts: await stores.describe(), problems, degraded };
      },
    }),
    createSubscribersCheck({
      domains: config.domains.flatMap(({ domain, enabled }) => (enabled ? [domain] : [])),
      async openInventory() {
        const { inventory, ...stores } = await open();
        return { ...inventory, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() };
      },
    }),
    createEndToEndCheck(buildEndToEndInput(config, options)),
  ];
}

function postpone(name: string): Check {
  return { name, run: async () => [skipped("Not looked at: the configuration has to be mended first.")] };
}

function buildConfigurationCheck(file: string, { loaded, problems }: LoadAttempt): Check {
  const text = loaded?.text ?? readText(file);
  return createConfigurationCheck({
    file,
    mode: (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777,
    holdsSecrets: holdsSecrets(text),
    problems: problems.map((problem) => ({
      severity: problem.severity,
      text: printProblem({ ...problem, mend: "" })
        .replace(/; $/, ".")
        .replace(": warning: ", ": "),
      mend: `${problem.mend.charAt(0).toUpperCase()}${problem.mend.slice(1)}.`,
    })),
    domains: loaded === undefined ? undefined : listDomains(loaded.config),
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // An unreadable configuration is named among the problems; other systems have no files of the kernel.
    return "";
  }
}

/** https://docs.kernel.org/networking/ip-sysctl.html; the range applies to IPv6, too. */
function readKernelPorts(): KernelPorts | undefined {
  const directory = "/proc/sys/net/ipv4";
  return parseKernelPorts(
    readText(`${directory}/ip_local_port_range`),
    readText(`${directory}/ip_local_reserved_ports`),
  );
}

function listDomains({ enabled, apps, domains }: Config): DomainProviders[] {
  const own = domains.map(({ domain, enabled, apps: its, disabledProviders = [], outOfOrder = [] }) => {
    const inherited = Object.keys(apps).filter((name) => !disabledProviders.some((provider) => provider === name));
    return { domain, enabled, providers: [...new Set([...Object.keys(its), ...inherited])], outOfOrder };
  });
  return [...own, { domain: undefined, enabled, providers: Object.keys(apps), outOfOrder: [] }];
}

function buildTlsInput({ listeners, checklist }: Config) {
  return {
    listeners: listeners.flatMap((listener) => toTlsListener(listener) ?? []),
    names: checklist.names.flatMap(({ name, role }) => (role === "load_balancer" ? [] : [name])),
    trusted: [
      ...new Set([...getCACertificates("default"), ...getCACertificates("system")]),
      ...(checklist.caFile === undefined ? [] : [readText(checklist.caFile)]),
    ],
    now: Date.now(),
  };
}

function toTlsListener({ host, port, tls }: ListenerConfig): TlsListener | undefined {
  if (tls === undefined) return undefined;
  const bare = reachableHost(host).replace(/^\[(.*)\]$/, "$1");
  return { ...tls, address: port === 0 ? undefined : { host: bare, port } };
}

const ROLES = {
  service: "service",
  shared: "shared name",
  load_balancer: "load balancer",
} as const satisfies Record<HostRole, string>;

function buildDnsInput({ checklist }: Config) {
  const { names, domains, services, resolvers } = checklist;
  return {
    resolver: createDnsResolver({ servers: resolvers, timeoutMs: QUESTION_TIMEOUT_MS }),
    domains,
    names: names.map(({ role, ...name }) => ({ ...name, role: ROLES[role] })),
    services,
  };
}

/** Returns the output of a program found by PATH, or undefined if it fails. */
const runLocalProgram: RunProgram = (command, args, signal) => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const env = { ...process.env, LC_ALL: "C" };
  execFile(command, [...args], { env, signal, windowsHide: true }, (error, stdout) => {
    resolve(error === null ? stdout : undefined);
  });
  return promise;
};
