import { isIP, isIPv4 } from "node:net";
import { quote } from "../problem.ts";
import type { Report } from "../reading/report.ts";
import type { RawConfig } from "../schema/config-schema.ts";

export function resolveTrustedProxies(raw: RawConfig, report: Report): string[] {
  return raw.trusted_proxies.filter((text) => {
    if (isNetwork(text)) return true;
    const message = "expected an address or a network";
    report.error(raw, "trusted_proxies", { message, found: quote(text), mend: "write e.g. [127.0.0.1, 10.0.0.0/8]" });
    return false;
  });
}

function isNetwork(text: string): boolean {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(address) === 0) return false;
  return length === undefined || Number(length) <= (isIPv4(address) ? 32 : 128);
}
