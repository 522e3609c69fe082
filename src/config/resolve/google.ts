import type { FcmAppConfig, GcmAppConfig, Priority, PriorityByKind } from "../config.ts";
import { readCaFile } from "../credentials/ca-file.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import { recogniseSecret } from "../credentials/recognise-secret.ts";
import { readServiceAccount } from "../credentials/service-account.ts";
import { quote } from "../problem.ts";
import type { RawConfig, RawGoogle } from "../schema/config-schema.ts";
import { FCM_ENDPOINT, FCM_TOKEN_ENDPOINT, GCM_ENDPOINT } from "../schema/google.ts";
import { REQUESTED_KINDS } from "../../push/push.ts";
import { readSecureUrl } from "./hosts.ts";
import { lookup } from "./lookup.ts";
import { resolvePayloadProfile } from "./payload-profile.ts";
import { resolveProxy, type AppDeps } from "./proxy.ts";
import { compact } from "../../push/compact.ts";

/** One section with three names. */
export type GoogleSections = Pick<RawConfig, "fcm" | "gcm" | "android">;

export interface GoogleApps {
  readonly fcm?: FcmAppConfig;
  readonly gcm?: GcmAppConfig;
}

/** Returns the enabled sections. */
export function activeSections({ fcm, android, gcm }: GoogleSections): RawGoogle[] {
  return [fcm, android, gcm].filter((section) => section?.enable === true).filter((section) => section !== undefined);
}

/** Returns the providers with credentials. */
export function listGoogleProviders(sections: GoogleSections): ("fcm" | "gcm")[] {
  const active = activeSections(sections);
  return [
    ...(lookup(active, "service_account") ? (["fcm"] as const) : []),
    ...(lookup(active, "key") ? (["gcm"] as const) : []),
  ];
}

export function resolveGoogle(own: GoogleSections, inherited: GoogleSections, deps: AppDeps): GoogleApps {
  const active = activeSections(own);
  const [first] = active;
  if (!first) return {};
  const account = lookupOnce(active, "service_account", deps);
  const key = lookupOnce(active, "key", deps);
  if (!account && !key) {
    deps.report.missing(first, "service_account", {
      message: `is missing: ${deps.report.pathOf(first, "")} is on, but has no credentials`,
      mend: "write service_account: and the path of the JSON file, or enable: no",
    });
  }
  const others = [...active, inherited.fcm, inherited.android, inherited.gcm];
  const fcm = account && resolveFcm(account, { own, inherited, sections: [account.section, ...others] }, deps);
  const gcm = key && resolveGcm(key, { own, inherited, sections: [key.section, ...others] }, deps);
  if (!account) warnOfUnusedEndpoint(own, deps);
  return compact({ fcm: fcm ? fcm : undefined, gcm: gcm ? gcm : undefined });
}

interface Found {
  readonly section: RawGoogle;
  readonly value: string;
}

interface Surroundings {
  readonly own: GoogleSections;
  readonly inherited: GoogleSections;
  /** Sections to search for settings other than credentials, best first. */
  readonly sections: readonly (RawGoogle | undefined)[];
}

function lookupOnce(active: readonly RawGoogle[], key: "service_account" | "key", deps: CredentialDeps) {
  const found = lookup(active, key);
  const other = active.find((section) => section[key] !== undefined && section[key] !== found?.value);
  if (found && other) {
    const message = `differs from ${deps.report.pathOf(found.section, key)}, and the two sections are one`;
    deps.report.error(other, key, { message, mend: "keep one of the two" });
  }
  return found;
}

function resolveFcm(account: Found, around: Surroundings, deps: AppDeps): FcmAppConfig | undefined {
  const { own, inherited, sections } = around;
  const file = deps.files.readCredential(account.section, "service_account", account.value);
  const endpoints = [own.fcm, own.android, inherited.fcm, inherited.android];
  const origin = readOrigin(lookup(endpoints, "endpoint"), deps);
  const tokenEndpoint = readUrl(lookup(sections, "token_endpoint"), "token_endpoint", FCM_TOKEN_ENDPOINT, deps);
  const shared = readShared(sections, deps);
  if (!file) return undefined;
  deps.files.warnIfOpen(account.section, "service_account", file);
  const reading = readServiceAccount(file.path, file.bytes);
  if ("complaint" in reading) deps.files.refuse(account.section, "service_account", reading.complaint);
  if ("complaint" in reading || origin === undefined || !tokenEndpoint) return undefined;
  return { serviceAccount: reading.account, origin, tokenEndpoint: tokenEndpoint.href, ...shared };
}

function resolveGcm(key: Found, around: Surroundings, deps: AppDeps): GcmAppConfig | undefined {
  const given = lookup([around.own.gcm, around.inherited.gcm], "endpoint");
  const endpoint = readUrl(given, "endpoint", GCM_ENDPOINT, deps);
  if (!endpoint) return undefined;
  if (recogniseSecret(key.value) === "service account") {
    const message = "is a service account, not a server key";
    deps.report.error(key.section, "key", { message, mend: "give it in service_account" });
    return undefined;
  }
  if (endpoint.hostname.endsWith("googleapis.com")) {
    deps.report.warning(key.section, "key", {
      message: "Google has switched off the API that takes this server key (2024): no Android phone will be woken",
      mend: "create a service account in the Firebase console and name its file in fcm.service_account",
    });
  }
  return { key: key.value, endpoint: endpoint.href, ...readShared(around.sections, deps) };
}

function readShared(sections: Surroundings["sections"], deps: AppDeps) {
  const found = lookup(sections, "ca_file");
  const ca = found && readCaFile(found.section, "ca_file", found.value, deps);
  const payloadProfile = resolvePayloadProfile(sections);
  const proxy = resolveProxy([...sections, deps.general], deps.report);
  return compact({ payloadProfile, priority: readPriority(sections), ca, ...proxy });
}

function readPriority(sections: Surroundings["sections"]): PriorityByKind {
  const given = sections.map((section) => section?.priority);
  const entries = REQUESTED_KINDS.flatMap((kind): [string, Priority][] => {
    const found = lookup(given, kind);
    return found === undefined ? [] : [[kind, found.value]];
  });
  return Object.fromEntries(entries);
}

interface GivenUrl {
  readonly section: object;
  readonly value: string;
}

function readOrigin(given: GivenUrl | undefined, deps: CredentialDeps): string | undefined {
  const url = readUrl(given, "endpoint", FCM_ENDPOINT, deps);
  if (!url || !given || (url.pathname === "/" && url.search === "")) return url?.origin;
  const message = "expected an origin without a path (the path is the protocol's)";
  deps.report.error(given.section, "endpoint", {
    message,
    found: quote(given.value),
    mend: `write endpoint: ${url.origin}`,
  });
  return undefined;
}

function readUrl(given: GivenUrl | undefined, key: string, fallback: string, deps: CredentialDeps): URL | undefined {
  const url = readSecureUrl(given?.value ?? fallback);
  // Required on loopback as well, because HTTP/2 is only supported over TLS.
  if (url?.protocol === "https:" || !given) return url;
  deps.report.error(given.section, key, {
    message: "expected an https URL",
    found: quote(given.value),
    mend: `write e.g. ${key}: ${fallback}`,
  });
  return undefined;
}

function warnOfUnusedEndpoint({ fcm, android }: GoogleSections, { report }: CredentialDeps): void {
  const unused = lookup(
    [fcm, android].filter((section) => section?.enable),
    "endpoint",
  );
  if (!unused) return;
  report.warning(unused.section, "endpoint", {
    message: "has no effect without service_account",
    mend: "the server that takes the legacy key is gcm.endpoint",
  });
}
