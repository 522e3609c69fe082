import { resolve } from "node:path";
import type { X509Certificate } from "node:crypto";
import { readAppleRights } from "../certificates/apple-rights.ts";
import {
  nameOf,
  readCertificateFacts,
  type CertificateFacts,
  type CredentialFacts,
  type KeyFacts,
} from "../certificates/certificate-facts.ts";
import type { PairFiles } from "../certificates/import-certificate.ts";
import type { RequestFiles } from "../certificates/request-certificate.ts";
import { formatTable } from "./output.ts";

/** Returns all that is known of a certificate or a key as lines for a person. */
export function formatCredential(facts: CredentialFacts): string[] {
  const isCertificate = facts.kind === "certificate";
  const rows = isCertificate ? certificateRows(facts) : keyRows(facts);
  return [
    `${facts.file}: ${isCertificate ? "certificate" : "private key"}`,
    ...formatTable(rows).map((row) => `  ${row}`),
    "",
  ];
}

function certificateRows(facts: CertificateFacts): string[][] {
  const list = (name: string, values: readonly string[]) => (values.length === 0 ? [] : [[name, values.join(", ")]]);
  const rest = facts.days_left < 0 ? "expired" : `${facts.days_left} days left`;
  return [
    ["subject", facts.subject],
    ["issuer", facts.issuer],
    ...list("host names", facts.names),
    ...list("topics", facts.topics),
    ...list("environments", facts.environments),
    ["valid", `${facts.valid_from.slice(0, 10)} to ${facts.valid_to.slice(0, 10)} (${rest})`],
    ["key", facts.key],
    ["SHA-256", facts.sha256],
    ["SHA-1", facts.sha1],
  ];
}

function keyRows({ key, encrypted, public_sha256, has_certificate }: KeyFacts): string[][] {
  return [
    ["key", `${key}, ${encrypted ? "encrypted" : "not encrypted"}`],
    ["public half", `SHA-256 ${public_sha256}`],
    ...(has_certificate === undefined
      ? []
      : [["certificate", has_certificate ? "belongs to it" : "belongs to another key"]]),
  ];
}

/** Returns what an imported certificate is for, and the settings that name its files. */
export function formatPair(
  certificate: X509Certificate,
  { certificateFile, keyFile }: PairFiles,
  isEncrypted: boolean,
): string[] {
  const { topics, environments } = readAppleRights(certificate);
  const { days_left, valid_to } = readCertificateFacts(certificate, Date.now());
  const isForCallsAlone = topics.length > 0 && topics.every((topic) => topic.endsWith(".voip"));
  const settings = [
    `certificate: ${resolve(certificateFile)}`,
    `key: ${resolve(keyFile)}`,
    ...(isEncrypted ? ["key_passphrase_file: …   # a file that holds the new passphrase"] : []),
  ];
  return [
    `${certificateFile}: ${nameOf(certificate)}, until ${valid_to.slice(0, 10)}${days_left < 0 ? " (expired)" : ""}`,
    `${keyFile}: its private key, ${isEncrypted ? "encrypted" : "not encrypted: keep it readable for the gateway alone"}`,
    topics.length === 0
      ? "Apple's push service will not know it: it names no app (no UID in its subject)."
      : `For ${topics.join(", ")}${environments.length === 0 ? "" : ` (${environments.join(", ")})`}.`,
    "",
    "They belong together. In the gateway's configuration:",
    "  apns:",
    ...(isForCallsAlone
      ? [
          "    extra_instances:",
          ...["- type: callkit", ...settings.map((line) => `  ${line}`)].map((line) => `    ${line}`),
        ]
      : settings.map((line) => `    ${line}`)),
  ];
}

/** Returns the steps from a signing request to a certificate. `place` are options for `cert import`. */
export function formatRequest({ requestFile, keyFile }: RequestFiles, place: readonly string[]): string[] {
  return [
    `${requestFile}: the request, for Apple`,
    `${keyFile}: the private key, which stays here; without it the certificate is worth nothing`,
    "",
    "1. https://developer.apple.com/account → Certificates, Identifiers & Profiles → Certificates → +",
    "   Apple Push Notification service SSL (Sandbox & Production), or VoIP Services Certificate",
    `2. Choose the app, upload ${requestFile}, download aps.cer`,
    `3. ${["sip-pushd cert import aps.cer", keyFile, ...place].join(" ")}`,
  ];
}
