import type { ProxyConfig } from "../config.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import type { Report } from "../reading/report.ts";
import { NO_PROXY } from "../schema/parts.ts";
import { lookup } from "./lookup.ts";

interface ProxySection {
  readonly proxy?: string;
}

export interface AppDeps extends CredentialDeps {
  /** Top-level settings, used where an app's own sections have none. */
  readonly general: ProxySection;
}

/** Resolves the proxy to a provider. The first section with a proxy setting decides. */
export function resolveProxy(
  sections: readonly (ProxySection | undefined)[],
  report: Report,
): { readonly proxy?: ProxyConfig } {
  const given = lookup(sections, "proxy");
  if (given === undefined || given.value.trim().toLowerCase() === NO_PROXY) return {};
  const reading = readProxy(given.value);
  if (typeof reading !== "string") return { proxy: reading };
  // Omits the value, because it may contain a password.
  report.error(given.section, "proxy", {
    message: reading,
    mend: `write e.g. proxy: http://proxy.example.org:3128, with a login http://user:password@…; or ${NO_PROXY}`,
  });
  return {};
}

/** Returns the proxy, or a description of the error. */
function readProxy(text: string): ProxyConfig | string {
  const url = URL.parse(text.trim());
  if (url?.protocol === "https:") {
    return "a proxy is spoken to by http:// (what goes through it is encrypted all the way to the provider)";
  }
  const isWhole = url?.protocol === "http:" && url.pathname === "/" && url.search === "" && url.hash === "";
  if (!isWhole) return `expected http://host:port or ${NO_PROXY}`;
  const address = { host: url.hostname.replaceAll(/[[\]]/g, ""), port: Number(url.port || 80) };
  if (url.username === "") return address;
  try {
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    return { ...address, login: { user, password } };
  } catch {
    return "the login holds a % that begins no %-encoded character; a % itself is written %25";
  }
}
