import type { Environment } from "../../push/device.ts";
import type { Report } from "../reading/report.ts";
import { quote } from "../problem.ts";
import { APNS_PRODUCTION, APNS_SANDBOX } from "../schema/apns.ts";
import type { RawApns } from "../schema/config-schema.ts";
import { readEndpoint } from "./hosts.ts";
import { lookup } from "./lookup.ts";

export interface ApnsOrigins {
  readonly production: string;
  readonly sandbox: string;
}

/** Hosts of the binary protocol, which Apple ended on 2021-03-31, with their successors. */
const SUCCESSORS = new Map([
  ["gateway.push.apple.com", APNS_PRODUCTION],
  ["gateway.sandbox.push.apple.com", APNS_SANDBOX],
]);

const SANDBOX_HOSTS: ReadonlySet<string> = new Set([APNS_SANDBOX, "api.development.push.apple.com"]);
const HTTPS_PORT = 443;
const BINARY_PORT = 2195;

/** Returns the environments of Apple's own hosts among the origins. `sections` as below. */
export function listNeededEnvironments(
  { production, sandbox }: ApnsOrigins,
  sections: readonly (RawApns | undefined)[],
): Environment[] {
  if (SANDBOX_HOSTS.has(new URL(production).hostname)) return ["sandbox"];
  // One simulator for both.
  if (production === sandbox) return [];
  return lookup(sections, "sandbox_endpoint") === undefined ? ["production"] : ["production", "sandbox"];
}

/** Returns where the pushes of each environment go. `sections`: the app's own settings, then those that it inherits. */
export function resolveApnsOrigins(
  sections: readonly (RawApns | undefined)[],
  report: Report,
): ApnsOrigins | undefined {
  const port = portOf(lookup(sections, "endpoint_port")?.value);
  const main = readOrigin(sections, "endpoint", APNS_PRODUCTION, port, report);
  const sandboxFallback = main?.host === APNS_PRODUCTION ? APNS_SANDBOX : main?.authority;
  const sandbox = readOrigin(sections, "sandbox_endpoint", sandboxFallback ?? APNS_SANDBOX, port, report);
  if (!main || !sandbox) return undefined;
  if (!SANDBOX_HOSTS.has(main.host)) return { production: main.origin, sandbox: sandbox.origin };
  const given = lookup(sections, "endpoint");
  if (given) {
    report.warning(given.section, "endpoint", {
      message: `every push goes to Apple's sandbox (${main.host}); apps from the App Store get none`,
      mend: `for production write endpoint: ${APNS_PRODUCTION}; devices that registered for the sandbox are still sent there`,
    });
  }
  return { production: main.origin, sandbox: main.origin };
}

function readOrigin(
  sections: readonly (RawApns | undefined)[],
  key: "endpoint" | "sandbox_endpoint",
  fallback: string,
  port: number,
  report: Report,
) {
  const given = lookup(sections, key);
  const endpoint = readEndpoint(given?.value ?? fallback);
  if (!endpoint) {
    if (given) report.error(given.section, key, notAnEndpoint(given.value, key));
    return undefined;
  }
  const host = SUCCESSORS.get(endpoint.host) ?? endpoint.host;
  if (host !== endpoint.host && given) {
    report.warning(given.section, key, {
      message: `${endpoint.host} spoke the binary protocol, which Apple ended on 2021-03-31; ${host} is used`,
      mend: `write ${key}: ${host}`,
    });
  }
  const ownPort = host.endsWith(".push.apple.com") ? endpoint.port && portOf(endpoint.port) : endpoint.port;
  const authority = `${host}:${ownPort ?? port}`;
  return { host, authority, origin: `https://${authority}` };
}

function portOf(setting: number | undefined): number {
  return setting === undefined || setting === 0 || setting === BINARY_PORT ? HTTPS_PORT : setting;
}

function notAnEndpoint(value: string, key: string) {
  return {
    message: "expected a host, host:port or an https URL without a path",
    found: quote(value),
    mend: `write e.g. ${key}: ${key === "endpoint" ? APNS_PRODUCTION : APNS_SANDBOX}`,
  };
}
