import { isSupportedCountry } from "libphonenumber-js/max";
import { readDomain } from "../../push/address.ts";
import type { LauncherAppConfig, NgcpConfig, SignUpConfig, SmsConfig, SmtpConfig } from "../launcher-config.ts";
import { readCaFile } from "../credentials/ca-file.ts";
import { readCertificatePair, type CredentialDeps } from "../credentials/certificate-pair.ts";
import { readKeyPassphrase, readSecretSetting } from "../credentials/secret-setting.ts";
import { quote } from "../problem.ts";
import type { RawSignUp } from "../schema/config-schema.ts";
import { NGCP_PLAIN, SHORTEST_SIGN_UP_SECRET, SIGN_UP_PLAIN } from "../schema/sign-up.ts";
import { resolveSettings } from "../schema/target.ts";
import { isLoopback, readSecureUrl } from "./hosts.ts";
import { readPlainUrl } from "./plain-url.ts";

/**
 * Resolves the sign-up. `apps` are those of the launcher, whose links it sends. Returns undefined if there is an error.
 */
export function resolveSignUp(
  raw: RawSignUp,
  apps: readonly LauncherAppConfig[],
  deps: CredentialDeps,
): SignUpConfig | undefined {
  const domain = readDomain(raw.domain);
  if (domain === undefined) {
    const message = "expected a domain name";
    deps.report.error(raw, "domain", { message, found: quote(raw.domain), mend: "write e.g. domain: example.org" });
    return undefined;
  }
  const app = apps.find((entry) => entry.domain === domain) ?? apps.find((entry) => entry.domain === undefined);
  if (app?.url === undefined) {
    const message = "needs launcher.url, where the links that are sent lead";
    deps.report.error(raw, "domain", {
      message,
      mend: "write url: https://…/p in launcher:, or in its entry of the domain",
    });
  }
  const secret = readSecret(raw, deps);
  const ngcp = resolveNgcp(raw.ngcp, deps);
  const channel = resolveChannel(raw, deps);
  if (app !== undefined && channel?.kind === "sms") checkLength(raw, domain, app, deps);
  if (secret === undefined || ngcp === undefined || channel === undefined) return undefined;
  return {
    ...resolveSettings(SIGN_UP_PLAIN, raw),
    domain,
    secret,
    ngcp,
    channel,
    ...optional("allowedCountries", readCountries(raw, deps)),
    ...optional("termsUrl", readPlainUrl(raw, "terms_url", raw.terms_url, deps)),
    ...optional("privacyUrl", readPlainUrl(raw, "privacy_url", raw.privacy_url, deps)),
  };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

/** An unknown country, such as UK instead of GB, would keep all of its people out. */
function readCountries(raw: RawSignUp, { report }: CredentialDeps): readonly string[] | undefined {
  const countries = raw.allowed_countries;
  const unknown = countries?.find((country) => !isSupportedCountry(country));
  if (unknown !== undefined) {
    const mend = "write its code of ISO 3166, e.g. AT, GB or US";
    report.error(raw, "allowed_countries", { message: "names no country", found: quote(unknown), mend });
  }
  return countries;
}

const GENERATE = "make one: openssl rand -base64 32";

function readSecret(raw: RawSignUp, deps: CredentialDeps): string | undefined {
  const { value } = readSecretSetting(raw, "secret", { value: raw.secret, file: raw.secret_file }, deps);
  if (value === undefined) {
    if (raw.secret_file === undefined) {
      deps.report.missing(raw, "secret", { message: "is missing", mend: `write secret: or secret_file:; ${GENERATE}` });
    }
    return undefined;
  }
  if (value.length >= SHORTEST_SIGN_UP_SECRET) return value;
  const message = `has ${value.length} characters, and ${SHORTEST_SIGN_UP_SECRET} are the least`;
  deps.report.error(raw, raw.secret === undefined ? "secret_file" : "secret", { message, mend: GENERATE });
  return undefined;
}

function resolveNgcp(raw: RawSignUp["ngcp"], deps: CredentialDeps): NgcpConfig | undefined {
  const url = readSecureUrl(raw.url);
  if (!url || url.pathname !== "/" || url.search !== "") {
    const message = "expected an https URL without a path";
    deps.report.error(raw, "url", {
      message,
      found: quote(raw.url),
      mend: "write e.g. url: https://ngcp.example.org:1443",
    });
    return undefined;
  }
  const login = readLogin(raw, deps);
  const ca = raw.ca_file === undefined ? undefined : readCaFile(raw, "ca_file", raw.ca_file, deps);
  const identity = readIdentity(raw, deps);
  if (login === undefined && raw.certificate === undefined) {
    const mend = "write user: and password_file:, or certificate: and key:";
    deps.report.missing(raw, "user", { message: "is missing, and there is no certificate either", mend });
  }
  return {
    url: url.origin,
    tls: { ...optional("ca", ca), ...identity },
    ...resolveSettings(NGCP_PLAIN, raw),
    ...optional("login", login),
  };
}

interface RawLogin {
  readonly user?: string;
  readonly password?: string;
  readonly password_file?: string;
}

function readLogin(raw: RawLogin, deps: CredentialDeps): { user: string; password: string } | undefined {
  if (raw.user === undefined) return undefined;
  const { value } = readSecretSetting(raw, "password", { value: raw.password, file: raw.password_file }, deps);
  if (value !== undefined) return { user: raw.user, password: value };
  if (raw.password_file === undefined) {
    deps.report.missing(raw, "password", { message: "is missing", mend: "write password: or password_file:" });
  }
  return undefined;
}

function readIdentity(raw: RawSignUp["ngcp"], deps: CredentialDeps): NgcpConfig["tls"] {
  if (raw.certificate === undefined) return {};
  const passphrase = readKeyPassphrase(raw, deps);
  const pair = readCertificatePair(
    {
      section: raw,
      certificate: { key: "certificate", path: raw.certificate },
      privateKey: { key: "key", path: raw.key },
      passphrase: passphrase.value,
      passphraseKey: passphrase.path,
    },
    deps,
  );
  if (pair === undefined) return {};
  return { certificate: pair.certificate, key: pair.key, ...optional("passphrase", pair.passphrase) };
}

function resolveChannel(raw: RawSignUp, deps: CredentialDeps): SignUpConfig["channel"] | undefined {
  const wanted = raw.verify === "email" ? "smtp" : "sms";
  if (raw.verify === "email" && raw.smtp !== undefined) {
    const smtp = resolveSmtp(raw.smtp, deps);
    return smtp && { kind: "smtp", ...smtp };
  }
  if (raw.verify === "phone" && raw.sms !== undefined) {
    const sms = resolveSms(raw.sms, deps);
    return sms && { kind: "sms", ...sms };
  }
  const mend = `write ${wanted}: with what sends the code and the link`;
  deps.report.missing(raw, wanted, { message: `is missing, and verify: ${raw.verify} needs it`, mend });
  return undefined;
}

const SMTP_PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

function resolveSmtp(raw: NonNullable<RawSignUp["smtp"]>, deps: CredentialDeps): SmtpConfig | undefined {
  if (raw.tls === "none" && !isLoopback(raw.host)) {
    const message = `${raw.host} is another machine: codes and links could be read on the way`;
    deps.report.error(raw, "tls", {
      message,
      mend: "write tls: starttls or implicit, or name a server on this machine",
    });
    return undefined;
  }
  if (!/^[!-~]+@[!-~]+$/.test(raw.from)) {
    const mend = "write e.g. from: phone@example.org";
    deps.report.error(raw, "from", { message: "expected an e-mail address", found: quote(raw.from), mend });
    return undefined;
  }
  const ca = raw.ca_file === undefined ? undefined : readCaFile(raw, "ca_file", raw.ca_file, deps);
  return {
    host: raw.host,
    port: raw.port ?? SMTP_PORTS[raw.tls],
    implicitTls: raw.tls === "implicit",
    plain: raw.tls === "none",
    from: raw.from,
    ...optional("login", readLogin(raw, deps)),
    ...optional("ca", ca),
  };
}

function resolveSms(raw: NonNullable<RawSignUp["sms"]>, deps: CredentialDeps): SmsConfig | undefined {
  if (readSecureUrl(raw.url.replaceAll(/\{(?:to|text)\}/g, "0")) === undefined) {
    const message = "expected an https URL";
    deps.report.error(raw, "url", {
      message,
      found: quote(raw.url),
      mend: "write e.g. url: https://sms.example.net/send",
    });
    return undefined;
  }
  const { url, content_type: contentType, body } = raw;
  const method = raw.method === "post" ? "POST" : "GET";
  const where = method === "POST" ? url + body : url;
  for (const name of ["{to}", "{text}"]) {
    if (where.includes(name)) continue;
    deps.report.error(raw, method === "POST" ? "body" : "url", {
      message: `has no ${name}`,
      mend: `put ${name} where it belongs`,
    });
  }
  const given = { value: raw.authorization, file: raw.authorization_file };
  const authorization = readSecretSetting(raw, "authorization", given, deps).value;
  const ca = raw.ca_file === undefined ? undefined : readCaFile(raw, "ca_file", raw.ca_file, deps);
  return { url, method, contentType, body, tls: optional("ca", ca), ...optional("authorization", authorization) };
}

const LONGEST_SMS = 140;
/** Lengths of generated user names and passwords. */
const LENGTHS = { username: 10, password: 12 };
const BLOCK = 16;

function checkLength(
  raw: RawSignUp,
  domain: string,
  { url = "" }: LauncherAppConfig,
  { report }: CredentialDeps,
): void {
  const plain = "username=&server=&password=".length + LENGTHS.username + domain.length + LENGTHS.password;
  const bytes = (Math.floor(plain / BLOCK) + 1) * BLOCK;
  const length = `${url}?c=`.length + Math.ceil(bytes / 3) * 4;
  if (length <= LONGEST_SMS) return;
  const message = `links would have ${length} characters, and ${LONGEST_SMS} fit into a message`;
  report.error(raw, "verify", { message, mend: "shorten launcher.url, or write verify: email" });
}
