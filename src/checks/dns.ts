import type { SrvRecord } from "node:dns";
import { isIPv6 } from "node:net";
import { failed, ok, skipped, warning, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";
import type { DnsResolver } from "./resolver.ts";

export interface DnsName {
  readonly name: string;
  /** Role for messages, such as `service` or `load balancer`. */
  readonly role: string;
  /** Addresses that it must resolve to; empty for any. */
  readonly addresses: readonly string[];
}

export interface DnsCheckInput {
  readonly resolver: DnsResolver;
  /** Domains of subscribers, whose zones are checked. */
  readonly domains: readonly string[];
  readonly names: readonly DnsName[];
  /** Such as `_sips._tcp`. */
  readonly services: readonly string[];
}

export function createDnsCheck(input: DnsCheckInput): Check {
  const { resolver, domains, names, services } = input;
  return {
    name: "dns",
    async run() {
      const findings = await Promise.all([
        ...names.map((name) => checkName(resolver, name)),
        ...domains.map((domain) => checkZone(resolver, domain)),
        ...domains.flatMap((domain) => services.map((service) => checkService(resolver, `${service}.${domain}`))),
      ]);
      return [...checkInput(input), ...findings.flat()];
    },
  };
}

function checkInput({ domains, names }: DnsCheckInput): Finding[] {
  return [
    ...(names.length === 0
      ? [
          skipped(
            "No host names are configured.",
            "Write checklist.names: the service's, the load balancers', shared ones.",
          ),
        ]
      : []),
    ...(domains.length === 0 ? [skipped("No domain is configured.", "Write checklist.domains: or domains:.")] : []),
  ];
}

async function checkName(resolver: DnsResolver, { name, role, addresses }: DnsName): Promise<Finding[]> {
  const found = await resolver.addresses(name);
  const what = `${name} (${role})`;
  switch (found.kind) {
    case "failed":
      return [unanswered(resolver, name, found.reason)];
    case "none":
      return [failed(`${what} has no address.`, `Add an A or AAAA record for ${name}, or correct checklist.names.`)];
    case "found": {
      const have = new Set(found.values.map(canonical));
      const want = new Set(addresses.map(canonical));
      const missing = addresses.filter((address) => !have.has(canonical(address)));
      const strange = found.values.filter((address) => want.size > 0 && !want.has(canonical(address)));
      if (missing.length === 0 && strange.length === 0) return [ok(`${what}: ${found.values.join(", ")}`)];
      const should = `it should be ${addresses.join(", ")}`;
      return [
        failed(`${what} leads to ${found.values.join(", ")}; ${should}.`, "Correct the zone, or checklist.names."),
      ];
    }
  }
}

/** Returns the canonical form of an address. */
function canonical(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname : address;
}

/** A domain need not be a zone: its parent may hold its records. */
async function checkZone(resolver: DnsResolver, domain: string): Promise<Finding[]> {
  const labels = domain.split(".");
  for (let depth = 0; depth < labels.length - 1; depth += 1) {
    const zone = labels.slice(depth).join(".");
    const found = await resolver.ns(zone);
    if (found.kind === "failed") return [unanswered(resolver, zone, found.reason)];
    if (found.kind === "none") continue;
    return checkNameServers(resolver, domain, zone, found.values);
  }
  return [failed(`${domain} has no name servers.`, "Register the domain, and have its zone served.")];
}

async function checkNameServers(
  resolver: DnsResolver,
  domain: string,
  zone: string,
  servers: readonly string[],
): Promise<Finding[]> {
  const whose = zone === domain ? domain : `${domain} (zone ${zone})`;
  const lost = await listUnresolved(resolver, servers);
  if (lost.length > 0) {
    const mend = `Correct the NS records of ${zone}, or add the address records of its name servers.`;
    return [failed(`Name servers of ${whose} have no address: ${lost.join(", ")}.`, mend)];
  }
  const list = servers.toSorted().join(", ");
  if (servers.length > 1) return [ok(`${whose}: name servers ${list}`)];
  return [warning(`${whose} has one name server alone: ${list}.`, "Add a second one, in another network.")];
}

async function listUnresolved(resolver: DnsResolver, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => resolver.addresses(name)));
  return names.filter((_name, index) => found[index]?.kind !== "found");
}

async function checkService(resolver: DnsResolver, name: string): Promise<Finding[]> {
  const found = await resolver.srv(name);
  switch (found.kind) {
    case "failed":
      return [unanswered(resolver, name, found.reason)];
    case "none":
      return [failed(`There is no SRV record ${name}.`, `Add it: ${exampleOf(name)}`)];
    case "found": {
      const records = found.values.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight);
      if (records.every((record) => record.name === "" || record.name === ".")) {
        return [warning(`${name} says that the service is not offered (target ".").`, `If it is: ${exampleOf(name)}`)];
      }
      const lost = await listUnresolved(
        resolver,
        records.map((record) => record.name),
      );
      const list = records.map(describeRecord).join("; ");
      if (lost.length === 0) return [ok(`${name}: ${list}`)];
      const mend = "Add address records for the targets, or correct the SRV records.";
      return [failed(`${name} leads to names without an address: ${lost.join(", ")} (${list}).`, mend)];
    }
  }
}

function describeRecord({ name, port, priority, weight }: SrvRecord): string {
  return `${name}:${port} priority ${priority} weight ${weight}`;
}

const PORTS: Readonly<Record<string, number>> = { "_xmpp-server": 5269, "_xmpp-client": 5222, _sips: 5061, _sip: 5060 };

function exampleOf(name: string): string {
  const [service = "", , ...domain] = name.split(".");
  return `${name}. IN SRV 10 10 ${PORTS[service] ?? "PORT"} host.${domain.join(".")}.`;
}

function unanswered({ servers }: DnsResolver, name: string, reason: string): Finding {
  const what = `${name} could not be looked up at ${servers.join(", ")}: ${reason}.`;
  return failed(what, "See why the resolver does not answer, or name another one: checklist.resolvers.");
}
