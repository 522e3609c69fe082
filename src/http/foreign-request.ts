import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { IncomingHttpHeaders } from "node:http";

// Checks for listeners without keys. Any web page opened on this machine can send requests to them, and anybody can
// make a name resolve to them (DNS rebinding). Neither can choose the headers that browsers set.

/** Why a request does not come from a program on this machine. */
export interface ForeignSign {
  readonly detail: string;
  /** For the operator's log: the setting that admits it. */
  readonly hint: string;
}

/**
 * Returns undefined for requests as a platform's own programs send them: without a browser's headers, and with an
 * address or a local name as Host.
 */
export function findForeignSign(headers: IncomingHttpHeaders, names: readonly string[]): ForeignSign | undefined {
  const site = headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") {
    return {
      detail: `A page of another site sent this request (Sec-Fetch-Site: ${site}). This listener serves programs of its own machine.`,
      hint: "a browser sends it; require_key: yes on the listener lets pages in that have an API key",
    };
  }
  const host = readAuthority(headers);
  const { origin } = headers;
  if (origin !== undefined && !isOwnOrigin(origin, host)) {
    return {
      detail:
        "The request names an Origin that is not this listener's. This listener serves programs of its own machine.",
      hint: "a browser sends it; require_key: yes on the listener lets pages in that have an API key",
    };
  }
  if (host === undefined || isKnownHost(host, names)) return undefined;
  return {
    detail:
      "The request names a Host that this listener does not go by. Use its address, localhost, or a name of its certificate.",
    hint: `add ${shorten(readHostname(host) ?? host)} to the listener's names if clients reach it under that name`,
  };
}

/** HTTP/2's `:authority` corresponds to HTTP/1.1's Host. */
function readAuthority(headers: IncomingHttpHeaders): string | undefined {
  const authority = headers[":authority"] ?? headers.host;
  const text = Array.isArray(authority) ? authority[0] : authority;
  return text === undefined || text === "" ? undefined : text;
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const url = URL.parse(origin);
  return url !== null && host !== undefined && url.host === (URL.parse(`${url.protocol}//${host}`)?.host ?? "");
}

/** Returns the lower-case name or the bare address of a Host header, or undefined if it is not a host. */
function readHostname(host: string): string | undefined {
  const name = URL.parse(`http://${host}`)?.hostname;
  return name === undefined || name === "" ? undefined : name.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function isKnownHost(host: string, names: readonly string[]): boolean {
  const name = readHostname(host);
  if (name === undefined) return false;
  if (isIP(name) > 0 || !name.includes(".") || name === "localhost.localdomain" || name.endsWith(".localhost")) {
    return true;
  }
  return names.some((known) => matchesName(name, known.toLowerCase().replace(/\.$/, "")));
}

/** A wildcard stands for one label, RFC 6125 §6.4.3. */
function matchesName(name: string, known: string): boolean {
  if (!known.startsWith("*.")) return name === known;
  return name.slice(name.indexOf(".") + 1) === known.slice(2);
}

/**
 * Returns true if a proxy says that it forwards a request from another machine (`Forwarded`, RFC 7239 §4;
 * `X-Forwarded-For`). The proxy need not be trusted for that, because the claim only takes rights away.
 */
export function isForwardedFromElsewhere(headers: IncomingHttpHeaders): boolean {
  const listed = [headers["x-forwarded-for"] ?? []].flat().join(",");
  const addresses = listed.split(",").flatMap((address) => (address.trim() === "" ? [] : [address.trim()]));
  const forwarded = [headers.forwarded ?? []].flat().join(",");
  const clients = [...forwarded.matchAll(/(?:^|[;,])\s*for\s*=\s*(?:"([^"]*)"|([^;,\s]*))/gi)].map(
    ([, quoted, bare]) => quoted ?? bare ?? "",
  );
  return [...addresses, ...clients].some((client) => !isLoopbackClient(client));
}

/** Accepts the client with or without a port, as both headers allow. */
function isLoopbackClient(client: string): boolean {
  const address =
    /^\[([^\]]*)\](?::\w+)?$/.exec(client)?.[1] ?? (isIP(client) > 0 ? client : client.replace(/:\w+$/, ""));
  return isIP(address) > 0 && ipaddr.process(address).range() === "loopback";
}

const LONGEST_SHOWN = 100;

function shorten(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
