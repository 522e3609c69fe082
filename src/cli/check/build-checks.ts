import type { RunProgram } from "../../checks/local-clock.ts";
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { openStores } from "../../app/open-stores.ts";
import { createAppleCheck } from "../../checks/apple.ts";
import { skipped, type Check } from "../../checks/check.ts";
import { createConfigurationCheck, type DomainProviders } from "../../checks/configuration.ts";
import { createDnsCheck } from "../../checks/dns.ts";
import { createEndToEndCheck } from "../../checks/end-to-end.ts";
import { createGoogleCheck } from "../../checks/google.ts";
import { createDnsResolver } from "../../checks/resolver.ts";
import { createPortsCheck, parseKernelPorts, type KernelPorts } from "../../checks/ports.ts";
import { createStoreCheck } from "../../checks/store.ts";
import { createSubscribersCheck } from "../../checks/subscribers.ts";
import { createTimeCheck } from "../../checks/time.ts";
import { createTlsCheck, type TlsListener } from "../../checks/tls.ts";
import type { Config, HostRole, ListenerConfig } from "../../config/config.ts";
import { printProblem } from "../../config/problem.ts";
import { holdsSecrets } from "../../config/secret-settings.ts";
import { reachableHost } from "../../client/find-gateway.ts";
import { readConfig, type Reading } from "../load-or-explain.ts";
import type { CliIo } from "../output.ts";
import { readVersion } from "../version.ts";
import { buildEndToEndInput, type EndToEndOptions } from "./end-to-end-input.ts";
import { listAppleApps, listGoogleApps } from "./provider-inputs.ts";

/** Time limit for one query to a name or time server. */
const QUESTION_TIMEOUT_MS = 3_000;

/** Builds the whole checklist for a configuration. Checks that need a usable one say so if there is none. */
export function buildChecks(options: EndToEndOptions, io: CliIo): Check[] {
  const { configFile } = options;
  const reading = readConfig(configFile, io);
  const configuration = buildConfigurationCheck(configFile, reading);
  const config = reading.loaded?.config;
  if (config === undefined) {
    return [configuration, ...LATER.map(([name, title]) => postpone(name, title))];
  }
  return [
    createTlsCheck(buildTlsInput(config)),
    createPortsCheck({ ports: config.listeners.map(({ port }) => port), readKernelPorts }),
    createAppleCheck({ apps: listAppleApps(config), now: Date.now() }),
    createGoogleCheck(listGoogleApps(config)),
    configuration,
    createDnsCheck(buildDnsInput(config)),
    createTimeCheck({ servers: config.checklist.ntpServers, run: runLocalProgram, timeoutMs: QUESTION_TIMEOUT_MS }),
    createStoreCheck({ inspect: () => inspectStore(config) }),
    createSubscribersCheck({
      domains: config.domains.flatMap(({ domain, enabled }) => (enabled ? [domain] : [])),
      openInventory: async () => {
        const { inventory, ...stores } = await openStores(config.store, buildStoreDeps());
        return { ...inventory, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() };
      },
    }),
    createEndToEndCheck(buildEndToEndInput(config, options, io)),
  ];
}

const LATER = [
  ["tls", "trusted TLS certificate"],
  ["ports", "listener ports"],
  ["apple", "Apple"],
  ["google", "Google"],
  ["dns", "DNS zone"],
  ["time", "time"],
  ["store", "store (Redis or SQLite)"],
  ["subscribers", "mobile_push_enable"],
  ["push", "end to end"],
] as const;

function postpone(name: Check["name"], title: string): Check {
  return { name, title, run: async () => [skipped("Not looked at: the configuration has to be mended first.")] };
}

function buildConfigurationCheck(file: string, { loaded, problems }: Reading): Check {
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

/** A check changes nothing. */
function buildStoreDeps() {
  return { clock: Date.now, version: readVersion(), mayUpgrade: false };
}

async function inspectStore({ store }: Config) {
  await using stores = await openStores(store, buildStoreDeps());
  const { problems, degraded } = await stores.inspect();
  return { facts: await stores.describe(), problems, degraded };
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
