import { isIP, isIPv6 } from "node:net";
import { readDomain } from "../../push/address.ts";
import { compact } from "../../push/compact.ts";

/** Returns true if only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  const bare = withoutBrackets(host.toLowerCase());
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

/** Returns an address or a name to listen on, in the form of `node:net`, or undefined if it is neither. */
export function readListenHost(text: string): string | undefined {
  const host = withoutBrackets(text.trim());
  return isIP(host) > 0 ? host : readDomain(host);
}

function withoutBrackets(host: string): string {
  const inner = /^\[(.*)\]$/.exec(host)?.[1];
  return inner !== undefined && isIPv6(inner) ? inner : host;
}

const ENDPOINT = /^(?:https:\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?\/?$/i;

/** Reads `host`, `host:port` or `https://host:port`. */
export function readEndpoint(text: string): { readonly host: string; readonly port?: number } | undefined {
  const [, host, port] = ENDPOINT.exec(text.trim()) ?? [];
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return compact({ host: host.toLowerCase(), port: port === undefined ? undefined : Number(port) });
}

/** Returns a URL to which secrets may be sent (https, or http within this machine), or undefined. */
export function readSecureUrl(text: string): URL | undefined {
  const url = URL.parse(text.trim());
  if (!url || url.username !== "" || url.hash !== "") return undefined;
  const secure = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  return secure ? url : undefined;
}
