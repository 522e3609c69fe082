import { bundleIdOf, type Environment } from "../../push/device.ts";
import type { ApnsAppConfig, ApnsCertificateCredentials } from "../config.ts";
import { readAppleRights } from "../../certificates/apple-rights.ts";
import { readCaFile } from "../credentials/ca-file.ts";
import { readCertificatePair, type CredentialDeps } from "../credentials/certificate-pair.ts";
import { readKeyPassphrase } from "../credentials/secret-setting.ts";
import { DEFAULT_VOIP_EXPIRY_SECONDS } from "../schema/apns.ts";
import type { RawApns } from "../schema/config-schema.ts";
import { listNeededEnvironments, resolveApnsOrigins } from "./apns-origins.ts";
import { warnOfForeignTopic, warnOfMissingRights, warnOfUnservedCalls } from "./apns-warnings.ts";
import { resolveApnsToken } from "./apns-token.ts";
import { lookup } from "./lookup.ts";
import { resolvePayloadProfile } from "./payload-profile.ts";
import { resolveProxy, type AppDeps } from "./proxy.ts";
import { compact } from "../../push/compact.ts";

const VOIP_SUFFIX = ".voip";

/** Resolves one app at Apple. `inherited` is the global section for a domain's app. */
export function resolveApns(own: RawApns, inherited: RawApns | undefined, deps: AppDeps): ApnsAppConfig | undefined {
  const ca = lookup([own, inherited], "ca_file");
  const caPem = ca && readCaFile(ca.section, "ca_file", ca.value, deps);
  const origins = resolveApnsOrigins([own, inherited], deps.report);
  const needed = origins && listNeededEnvironments(origins, [own, inherited]);
  const app = usesToken(own, inherited)
    ? resolveApnsToken(own, inherited, deps)
    : resolveCertificateApp(own, needed ?? [], deps);
  if (!app || !origins) return undefined;
  const payloadProfile = resolvePayloadProfile([own, inherited]);
  const proxy = resolveProxy([own, inherited, deps.general], deps.report);
  const topic = bundleIdOf(app.topic);
  const expiry = lookup([own, inherited], "voip_expiry_seconds")?.value ?? DEFAULT_VOIP_EXPIRY_SECONDS;
  const voipExpiryMs = expiry * 1000;
  return {
    ...app,
    topic,
    origins,
    payloadProfile,
    voipExpiryMs,
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...proxy,
  };
}

/** A domain without its own credentials may share the team's key: only its topic differs. */
function usesToken(own: RawApns, inherited: RawApns | undefined): boolean {
  if (own.http2_jwt) return own.http2_jwt.enable;
  const hasCertificate = own.certificate !== undefined || own.legacy?.certificate !== undefined;
  return !hasCertificate && (inherited?.http2_jwt?.enable ?? false);
}

function resolveCertificateApp(own: RawApns, needed: readonly Environment[], deps: CredentialDeps) {
  const { report } = deps;
  const named = namedCertificate(own);
  if (!named) {
    report.missing(own, "certificate", {
      message: "is missing: apns is on, but there is neither a certificate nor a key (http2_jwt)",
      mend: "write http2_jwt: {enable: yes, ec_key: …, ec_key_id: …, issuer: …, topic: …}, or apns.enable: no",
    });
    return undefined;
  }
  const credentials = readCertificate(named.section, named.path, own, deps);
  const topic = credentials && resolveTopic(own, credentials, deps);
  const voip = resolveVoip(own, topic, deps);
  if (!credentials || topic === undefined) return undefined;
  warnOfMissingRights(named.section, credentials, needed, report);
  if (voip) warnOfMissingRights(voip.section, voip.credentials, needed, report);
  else warnOfUnservedCalls(named.section, credentials, topic, report);
  return compact({ credentials, topic, voipCredentials: voip ? voip.credentials : undefined });
}

type CertificateSection = Pick<RawApns, "certificate" | "key" | "key_passphrase" | "key_passphrase_file">;

function namedCertificate(own: RawApns): { section: CertificateSection; path: string } | undefined {
  const given = lookup<CertificateSection, "certificate">([own, own.legacy], "certificate");
  return given && { section: given.section, path: given.value };
}

function readCertificate(
  section: CertificateSection,
  path: string,
  app: RawApns,
  deps: CredentialDeps,
): ApnsCertificateCredentials | undefined {
  const given = readKeyPassphrase(section, deps);
  const passphrase = given.value === undefined && section !== app ? readKeyPassphrase(app, deps) : given;
  const question = {
    section,
    certificate: { key: "certificate", path },
    privateKey: { key: "key", path: section.key },
    passphrase: passphrase.value,
    passphraseKey: passphrase.path,
  };
  const pair = readCertificatePair(question, deps);
  if (!pair) return undefined;
  const { leaf, certificate, key, certificateFile: file } = pair;
  const { topics, environments } = readAppleRights(leaf);
  const base = { kind: "certificate" as const, certificate, key, topics, environments };
  const expiresAt = leaf.validToDate.getTime();
  return { ...base, expiresAt, file, ...(pair.passphrase === undefined ? {} : { passphrase: pair.passphrase }) };
}

function resolveTopic(own: RawApns, credentials: ApnsCertificateCredentials, { report, files }: CredentialDeps) {
  const { topics, file } = credentials;
  const topic = own.topic ?? topics[0];
  if (topic === undefined) {
    const message = `is missing, and the certificate in ${file} names no app (no UID in its subject)`;
    const complaint = { message, mend: "write topic: and the bundle id of the app" };
    if (!report.isExcused(own, "topic")) files.refuse(own, "topic", complaint);
  } else warnOfForeignTopic(own, credentials, topic, report);
  return topic;
}

function resolveVoip(own: RawApns, topic: string | undefined, deps: CredentialDeps) {
  const [entry, second] = own.extra_instances.filter(({ enable }) => enable);
  if (second) {
    const message = "a second callkit instance; there is one certificate for calls";
    deps.report.error(second, "type", { message, mend: "remove one, or write enable: no in it" });
  }
  if (!entry) return undefined;
  if (entry.certificate === undefined) {
    const mend = "write certificate: and the path of the PEM file, or enable: no";
    deps.report.missing(entry, "certificate", { message: "is missing", mend });
    return undefined;
  }
  const credentials = readCertificate(entry, entry.certificate, own, deps);
  if (!credentials) return undefined;
  const bundleIds = new Set(credentials.topics.map(bundleIdOf));
  if (topic !== undefined && bundleIds.size > 0 && !bundleIds.has(bundleIdOf(topic))) {
    const message = `${credentials.file} is for ${[...bundleIds].join(", ")}, but the app is ${bundleIdOf(topic)}`;
    deps.report.warning(entry, "certificate", { message, mend: "name the VoIP certificate of the same app" });
  }
  if (bundleIds.size === 0 && topic !== undefined) bundleIds.add(bundleIdOf(topic));
  const topics = [...bundleIds].map((bundleId) => bundleId + VOIP_SUFFIX);
  return { section: entry, credentials: { ...credentials, topics } };
}
