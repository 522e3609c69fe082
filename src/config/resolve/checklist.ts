import { isIP } from "node:net";
import { readDomain } from "../../push/address.ts";
import type { ChecklistConfig } from "../config.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import { quote } from "../problem.ts";
import type { RawConfig } from "../schema/config-schema.ts";
import { compact } from "../../push/compact.ts";

const NTP_PORT = 123;

export function resolveChecklist({ checklist: raw, domains: own }: RawConfig, deps: CredentialDeps): ChecklistConfig {
  const domains = raw.domains.flatMap((text) => readName(text, raw, "domains", deps) ?? []);
  return compact({
    names: raw.names.flatMap((entry) => {
      const name = readName(entry.name, entry, "name", deps);
      const addresses = entry.addresses.filter((address) => isAddress(address, entry, deps));
      return name === undefined ? [] : [{ name, role: entry.role, addresses }];
    }),
    domains: domains.length > 0 ? domains : own.flatMap(({ domain }) => readDomain(domain) ?? []),
    services: raw.services,
    resolvers: raw.resolvers.filter((text) => isResolver(text, raw, deps)),
    ntpServers: raw.ntp_servers.flatMap((text) => readServer(text, raw, deps) ?? []),
    caFile: raw.ca_file === undefined ? undefined : deps.files.resolve(raw.ca_file),
  });
}

function readName(text: string, section: object, key: string, { report }: CredentialDeps): string | undefined {
  const name = readDomain(text);
  if (name !== undefined && isIP(name) === 0) return name;
  report.error(section, key, {
    message: "expected a host name",
    found: quote(text),
    mend: "write e.g. push.example.org",
  });
  return undefined;
}

function isAddress(text: string, section: object, { report }: CredentialDeps): boolean {
  if (isIP(text) > 0) return true;
  report.error(section, "addresses", {
    message: "expected an address",
    found: quote(text),
    mend: "write e.g. [192.0.2.1]",
  });
  return false;
}

function isResolver(text: string, section: object, { report }: CredentialDeps): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([^[\]]+))$/.exec(text) ?? [];
  const bare = bracketed ?? (isIP(plain ?? "") > 0 ? plain : plain?.replace(/:\d{1,5}$/, ""));
  if (bare !== undefined && isIP(bare) > 0) return true;
  const message = "expected an address, or address:port";
  report.error(section, "resolvers", { message, found: quote(text), mend: "write e.g. [192.0.2.53]" });
  return false;
}

function readServer(text: string, section: object, { report }: CredentialDeps) {
  const [, bracketed, plain, port = NTP_PORT] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? (isIP(text) > 0 ? text : undefined);
  if (host !== undefined && (isIP(host) > 0 || readDomain(host) !== undefined)) return { host, port: Number(port) };
  const message = "expected host or host:port";
  report.error(section, "ntp_servers", { message, found: quote(text), mend: "write e.g. [pool.ntp.org]" });
  return undefined;
}
