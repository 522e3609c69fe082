import { isIP } from "node:net";
import type { ListenerConfig, ListenerTls } from "../config.ts";
import { readCertificatePair, type CredentialDeps } from "../credentials/certificate-pair.ts";
import { readSecretSetting } from "../credentials/secret-setting.ts";
import { quote } from "../problem.ts";
import { DEFAULT_HOST, DEFAULT_PORT, type RawConfig, type RawListen } from "../schema/config-schema.ts";
import { isLoopback, readListenHost } from "./hosts.ts";
import { compact } from "../../push/compact.ts";

type RawTls = Pick<
  RawListen,
  "ssl" | "sslcertfile" | "sslcertkeyfile" | "ssl_key_passphrase" | "ssl_key_passphrase_file"
>;

interface RawListener extends RawTls, Pick<RawListen, "require_key" | "names"> {
  readonly host: string;
  readonly port: number;
}

const TLS_KEYS = ["ssl", "sslcertfile", "sslcertkeyfile", "ssl_key_passphrase", "ssl_key_passphrase_file"] as const;
const MAIN_KEYS = ["host", "port", ...TLS_KEYS] as const;

/** A name that clients may send as Host. */
const NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** Resolves the listeners. `ngcp`: the settings are NGCP's, whose `ssl: no` is explicit enough for plain HTTP. */
export function resolveListeners(raw: RawConfig, ngcp: boolean, deps: CredentialDeps): ListenerConfig[] {
  const wantsMain = raw.listen.length === 0 || MAIN_KEYS.some((key) => raw[key] !== undefined);
  const main = { ...raw, host: raw.host ?? DEFAULT_HOST, port: raw.port ?? DEFAULT_PORT };
  const listeners = [
    ...(wantsMain ? [resolveMain(raw, main, ngcp, depsOf("listener", deps))] : []),
    ...raw.listen.map((entry, index) => resolveEntry(entry, depsOf(`listen[${index}]`, deps))),
  ].filter((listener) => listener !== undefined);
  warnOfOpenListeners(raw, listeners, deps);
  return listeners;
}

/** Each listener depends only on its own files. */
function depsOf(unit: string, deps: CredentialDeps): CredentialDeps {
  return { ...deps, files: deps.files.of({ unit, app: "gateway" }) };
}

function resolveMain(
  raw: RawConfig,
  main: RawListener,
  ngcp: boolean,
  deps: CredentialDeps,
): ListenerConfig | undefined {
  const { report } = deps;
  const base = readAddress(raw, main, deps);
  if (!base) return undefined;
  if (raw.ssl !== false) return withTls(raw, main, base, deps);
  if (!base.loopback && ngcp) {
    report.warning(raw, "ssl", {
      message: `plain HTTP on ${base.host}: device tokens and messages can be read on the network`,
      mend: "write ssl: yes, with sslcertfile and sslcertkeyfile",
    });
  } else if (!base.loopback) {
    report.error(raw, "ssl", {
      message: `plain HTTP on ${base.host}, which other machines reach`,
      mend: `write ssl: yes, or listen: [{host: ${base.host}, port: ${base.port}, plain_http: yes}]`,
    });
  }
  return base;
}

function resolveEntry(entry: RawListen, deps: CredentialDeps): ListenerConfig | undefined {
  const base = readAddress(entry, entry, deps);
  if (!base) return undefined;
  const given = entry.sslcertfile !== undefined || entry.sslcertkeyfile !== undefined;
  const plain = entry.ssl === undefined ? !given && (base.loopback || entry.plain_http) : !entry.ssl;
  if (!plain) return withTls(entry, entry, base, deps);
  if (!base.loopback && !entry.plain_http) {
    deps.report.error(entry, "ssl", {
      message: `plain HTTP on ${base.host}, which other machines reach`,
      mend: "write ssl: yes with sslcertfile, or plain_http: yes if the network is trusted",
    });
  }
  return base;
}

function readAddress(section: object, listener: RawListener, { report }: CredentialDeps): ListenerConfig | undefined {
  const { host: text, port, require_key: requireKey, names } = listener;
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) {
    const complaint = { message: "expected a list of host names", mend: "write e.g. names: [push.example.org]" };
    report.error(section, "names", { ...complaint, found: quote(wrong) });
  }
  const host = readListenHost(text);
  if (host !== undefined) {
    const optional = compact({
      requireKey: requireKey ? requireKey : undefined,
      names: names.length === 0 ? undefined : names,
    });
    return { host, port, loopback: isLoopback(host), ...optional };
  }
  report.error(section, "host", {
    message: "expected an address or a name to listen on",
    found: quote(text),
    mend: "write e.g. host: 0.0.0.0",
  });
  return undefined;
}

function withTls(
  section: object,
  settings: RawTls,
  base: ListenerConfig,
  deps: CredentialDeps,
): ListenerConfig | undefined {
  if (settings.sslcertfile === undefined) {
    const plain = base.loopback ? ", or ssl: no" : "";
    deps.report.missing(section, "sslcertfile", {
      message: "is missing, and TLS needs a certificate",
      mend: `write sslcertfile: and sslcertkeyfile: with the paths of PEM files${plain}`,
    });
    return undefined;
  }
  const tls = readTls(section, settings.sslcertfile, settings, deps);
  return tls && { ...base, tls };
}

function readTls(section: object, path: string, settings: RawTls, deps: CredentialDeps): ListenerTls | undefined {
  const given = { value: settings.ssl_key_passphrase, file: settings.ssl_key_passphrase_file };
  const passphrase = readSecretSetting(section, "ssl_key_passphrase", given, deps);
  const question = {
    section,
    certificate: { key: "sslcertfile", path },
    privateKey: { key: "sslcertkeyfile", path: settings.sslcertkeyfile },
    passphrase: passphrase.value,
    passphraseKey: passphrase.path,
  };
  const pair = readCertificatePair(question, deps);
  if (!pair) return undefined;
  const { certificate, key, certificateFile, keyFile } = pair;
  const opened = pair.passphrase === undefined ? {} : { passphrase: pair.passphrase };
  return { certificate, key, certificateFile, keyFile, ...opened };
}

/**
 * Finds a wildcard address and another of its family on the same port. `0.0.0.0` beside `::` is allowed: each takes its
 * own family.
 */
function findCovered(listeners: readonly ListenerConfig[]): readonly [ListenerConfig, ListenerConfig] | undefined {
  for (const wide of listeners) {
    const family = wide.host === "0.0.0.0" ? 4 : wide.host === "::" ? 6 : undefined;
    if (family === undefined || wide.port === 0) continue;
    const narrow = listeners.find(
      ({ host, port }) => port === wide.port && host !== wide.host && (host === "localhost" || isIP(host) === family),
    );
    if (narrow !== undefined) return [wide, narrow];
  }
  return undefined;
}

function warnOfOpenListeners(raw: RawConfig, listeners: readonly ListenerConfig[], { report }: CredentialDeps): void {
  const seen = new Set<string>();
  for (const { host, port } of listeners) {
    const address = `${host} port ${port}`;
    if (port !== 0 && seen.has(address)) {
      report.error(raw, "listen", { message: `two listeners on ${address}`, mend: "remove one of the two" });
    }
    seen.add(address);
  }
  const covered = findCovered(listeners);
  if (covered !== undefined) {
    const [wide, narrow] = covered;
    const message = `${wide.host} port ${wide.port} takes the connections to ${narrow.host} as well`;
    report.error(raw, "listen", { message, mend: `remove the listener on ${narrow.host}, or give it another port` });
  }
  const open = listeners.find(({ loopback }) => !loopback);
  if (!open || raw.auth.keys.length > 0) return;
  report.warning(raw, "auth.keys", {
    message: `every request from another machine to ${open.host} port ${open.port} will be refused with 401`,
    mend: "add a key: auth: {keys: [{name: proxy, key: <16 characters or more>}]}",
  });
}
