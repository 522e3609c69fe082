import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { checkServerIdentity } from "node:tls";
import type { Config, ListenerConfig } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { ConfigError } from "../config/problem.ts";
import { compact } from "../push/compact.ts";
import { OperatorError } from "../push/operator-error.ts";
import type { HttpTarget } from "./request-json.ts";

/** Default: a plain listener on this machine. */
export const DEFAULT_URL = "http://127.0.0.1:45059";

/** Options that say where the gateway is, and how to be let in. */
export interface GatewayOptions {
  readonly url?: string;
  /** File of the certificate to trust, PEM. */
  readonly ca?: string;
  /** File of the API key. */
  readonly keyFile?: string;
  /** The gateway's configuration file. */
  readonly config?: string;
}

export interface GatewayAddress extends HttpTarget {
  /** How the address was found, for messages. */
  readonly source: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds the gateway: options override the configuration, which overrides environment variables. Throws an OperatorError
 * if one of them cannot be used.
 */
export async function findGateway(options: GatewayOptions, env: Environment): Promise<GatewayAddress> {
  const { url, source, ...rest } = findUrl(options, env);
  const caFile = options.ca ?? (rest.ca === undefined ? say(env["SIP_PUSHD_CA"]) : undefined);
  const ca = caFile === undefined ? rest.ca : await readText(caFile, "--ca (SIP_PUSHD_CA)");
  const key = (await readKey(options, env)) ?? rest.key;
  const proxies = readProxies(env);
  return compact({
    url,
    source,
    proxies,
    ca,
    key,
    serverName: rest.serverName,
  });
}

function findUrl(options: GatewayOptions, env: Environment): GatewayAddress {
  const fromConfig =
    options.config === undefined ? undefined : readListener(readConfig(options.config, env), options.config);
  if (options.url !== undefined) {
    const { ca, key } = fromConfig ?? {};
    const rest = compact({ ca, key });
    return { ...rest, ...readUrl(options.url, "--url") };
  }
  if (fromConfig !== undefined) return fromConfig;
  const url = say(env["SIP_PUSHD_URL"]);
  return url === undefined
    ? { url: new URL(DEFAULT_URL), source: "the default address" }
    : readUrl(url, "SIP_PUSHD_URL");
}

function readUrl(text: string, source: string): GatewayAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new OperatorError("bad_url", `${source} is not an address of a gateway: ${hidePassword(text)}`, {
      mend: "Write it like https://push.example.org:45060 or http://127.0.0.1:45059.",
    });
  }
  return compact({
    url,
    source: `given by ${source}`,
    key: url.password === "" ? undefined : decodeURIComponent(url.password),
  });
}

function hidePassword(text: string): string {
  return text.replace(/:[^:@/]+@/, ":…@");
}

async function readKey({ keyFile }: GatewayOptions, env: Environment): Promise<string | undefined> {
  if (keyFile === undefined) return say(env["SIP_PUSHD_CLIENT_KEY"])?.trim();
  const key = (await readText(keyFile, "--key-file")).trim();
  if (!/^[\u0021-\u007e]+$/.test(key)) {
    throw new OperatorError("bad_key", `${keyFile} holds no API key.`, {
      mend: "It has to hold the key alone, on one line.",
    });
  }
  return key;
}

/** Reads them as curl does: of `HTTP_PROXY` only the lower-case name, which no request to a CGI script can set. */
function readProxies(env: Environment): HttpTarget["proxies"] {
  const http = say(env["http_proxy"]);
  const https = say(env["https_proxy"]) ?? say(env["HTTPS_PROXY"]);
  if (http === undefined && https === undefined) return undefined;
  const no = say(env["no_proxy"]) ?? say(env["NO_PROXY"]);
  return compact({
    http,
    https,
    no,
  });
}

/** An empty variable counts as missing. */
function say(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

async function readText(file: string, source: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError("unreadable_file", `The file given by ${source} cannot be read: ${why}`, {
      mend: "Check the path, and that you may read the file.",
      cause: error,
    });
  }
}

function readConfig(file: string, env: Environment): Config {
  try {
    return loadConfig({ file, env }).config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.message.split("\n");
    throw new OperatorError("bad_config", `The gateway's configuration cannot be used. ${first}`, {
      mend: `See all of it with 'sip-pushd config check ${file}', or name the gateway's address: --url.`,
      cause: error,
    });
  }
}

/** Returns the listener that is easiest to use from the gateway's own machine. */
export function readListener(config: Config, file: string): GatewayAddress {
  const [listener] = config.listeners.toSorted((a, b) => rank(a) - rank(b));
  if (!config.enabled || listener === undefined) {
    throw new OperatorError("gateway_disabled", `${file} says that the gateway does not run (enable: no).`, {
      mend: "Set enable: yes and start the gateway, or name another one with --url.",
    });
  }
  if (listener.port === 0) {
    throw new OperatorError("unknown_port", `${file} leaves the port to the system (port: 0).`, {
      mend: "Name the address that the gateway wrote to its log when it started: --url http://127.0.0.1:PORT.",
    });
  }
  const host = reachableHost(listener.host);
  const url = new URL(`${listener.tls === undefined ? "http" : "https"}://${host}:${listener.port}`);
  const key = listener.loopback ? undefined : config.auth.keys[0]?.key;
  return {
    url,
    source: `read from ${file}`,
    ...(listener.tls === undefined ? {} : trustOwn(listener.tls.certificate, host)),
    ...(key === undefined ? {} : { key }),
  };
}

function rank({ loopback, tls }: ListenerConfig): number {
  if (loopback) return tls === undefined ? 0 : 1;
  return tls === undefined ? 3 : 2;
}

/** A listener on every address is reachable on loopback. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/**
 * Trusts the certificate that the gateway itself presents, although the certificate need not name the local address.
 */
function trustOwn(pem: string, host: string): Pick<HttpTarget, "ca" | "serverName"> {
  const certificate = new X509Certificate(pem);
  const ca = certificate.toString();
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (checkServerIdentity(address, certificate.toLegacyObject()) === undefined) return { ca };
  const name = readName(certificate);
  return name === undefined ? { ca } : { ca, serverName: name };
}

function readName(certificate: X509Certificate): string | undefined {
  // Undefined if the certificate has none, although the type does not say so.
  const names: string | undefined = certificate.subjectAltName;
  const [, name] = /(?:^|, )DNS:([^,\s]+)/.exec(names ?? "") ?? /^CN=(.+)$/m.exec(certificate.subject) ?? [];
  return name?.replace(/^\*/, "sip-pushd");
}
