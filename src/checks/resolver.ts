import type { SrvRecord } from "node:dns";
import { Resolver } from "node:dns/promises";

/** A name server's answer: records, none (for an existing or unknown name), or why it did not answer. */
export type Lookup<Value> =
  | { readonly kind: "found"; readonly values: readonly Value[] }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly reason: string };

export interface DnsResolver {
  readonly servers: readonly string[];
  ns(name: string): Promise<Lookup<string>>;
  srv(name: string): Promise<Lookup<SrvRecord>>;
  /** IPv4 and IPv6 together. */
  addresses(name: string): Promise<Lookup<string>>;
}

export interface ResolverOptions {
  /** `address` or `address:port`; empty for the system's servers. */
  readonly servers: readonly string[];
  readonly timeoutMs: number;
}

const NOTHING: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);

const REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: "no answer",
  ECONNREFUSED: "nothing listens there",
  ESERVFAIL: "the name server has a fault of its own (SERVFAIL)",
  EREFUSED: "the name server refuses to answer",
};

export function createDnsResolver({ servers, timeoutMs }: ResolverOptions): DnsResolver {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    servers: resolver.getServers(),
    ns: (name) => look(() => resolver.resolveNs(name)),
    srv: (name) => look(() => resolver.resolveSrv(name)),
    async addresses(name) {
      const [four, six] = await Promise.all([look(() => resolver.resolve4(name)), look(() => resolver.resolve6(name))]);
      const values = [four, six].flatMap((found) => (found.kind === "found" ? found.values : []));
      if (values.length > 0) return { kind: "found", values };
      return [four, six].find(({ kind }) => kind === "failed") ?? { kind: "none" };
    },
  };
}

async function look<Value>(ask: () => Promise<readonly Value[]>): Promise<Lookup<Value>> {
  try {
    const values = await ask();
    return values.length === 0 ? { kind: "none" } : { kind: "found", values };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return NOTHING.has(code) ? { kind: "none" } : { kind: "failed", reason: REASONS[code] ?? code };
  }
}
