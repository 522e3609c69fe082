import { basename } from "node:path";
import type { ApnsTokenCredentials } from "../config.ts";
import { readCertificatePair, type CredentialDeps } from "../credentials/certificate-pair.ts";
import { readKeyPassphrase, type GivenSecret } from "../credentials/secret-setting.ts";
import { readSigningKey } from "../credentials/signing-key.ts";
import { quote } from "../problem.ts";
import type { RawApns } from "../schema/config-schema.ts";
import { lookup } from "./lookup.ts";
import { compact } from "../../push/compact.ts";

type RawJwt = NonNullable<RawApns["http2_jwt"]>;

/**
 * Resolves an app with a signing key. A domain's app may inherit the key only as a whole, because an id without its key
 * would belong to another one.
 */
export function resolveApnsToken(
  own: RawApns,
  inherited: RawApns | undefined,
  deps: CredentialDeps,
): { credentials: ApnsTokenCredentials; topic: string } | undefined {
  const shared = inherited?.http2_jwt?.enable && own.http2_jwt?.ec_key === undefined ? inherited : undefined;
  const sections = [own.http2_jwt, shared?.http2_jwt];
  const home = own.http2_jwt ?? shared?.http2_jwt;
  if (!home) return undefined;
  const owner = own.http2_jwt?.ec_key === undefined ? (shared ?? own) : own;
  const passphrase = readKeyPassphrase(owner, deps);
  const path = lookup(sections, "ec_key");
  const key = path && readKey(path.section, path.value, passphrase, deps);
  const keyId = readId(sections, home, "ec_key_id", hintOfKeyId(path?.value), deps);
  const teamId = readId(sections, home, "issuer", "VWXYZ67890, the team id on Apple's membership page", deps);
  const topic = lookup([own.http2_jwt, own, shared?.http2_jwt, shared], "topic")?.value;
  if (keyId !== undefined) warnOfOtherKeyId(path, keyId, deps);
  if (topic !== undefined) warnOfTeamInTopic(home, topic, teamId, deps);
  const tls = resolveTls(owner.http2_jwt ?? home, passphrase, deps);
  if (!path) missing(home, "ec_key", "the path of Apple's .p8 file", deps);
  if (topic === undefined) missing(home, "topic", "the bundle id of the app", deps);
  if (key === undefined || keyId === undefined || teamId === undefined || topic === undefined) return undefined;
  return { credentials: compact({ kind: "token", key, keyId, teamId, tls: tls ? tls : undefined }), topic };
}

function readKey(section: object, path: string, passphrase: GivenSecret, deps: CredentialDeps): string | undefined {
  const question = { section, key: "ec_key", path, passphrase: passphrase.value, passphraseKey: passphrase.path };
  return readSigningKey(question, deps);
}

const APPLE_ID = /^[A-Z0-9]{10}$/i;

function readId(
  sections: readonly (RawJwt | undefined)[],
  home: RawJwt,
  key: "ec_key_id" | "issuer",
  hint: string,
  deps: CredentialDeps,
): string | undefined {
  const given = lookup(sections, key);
  if (!given) {
    missing(home, key, hint, deps);
    return undefined;
  }
  if (APPLE_ID.test(given.value)) return given.value;
  const message = "expected 10 letters and digits";
  deps.report.error(given.section, key, { message, found: quote(given.value), mend: `write e.g. ${key}: ${hint}` });
  return undefined;
}

/** Apple names the file after the key. */
function keyIdInName(path: string | undefined): string | undefined {
  return /^AuthKey_([A-Z0-9]{10})\b/i.exec(basename(path ?? ""))?.[1];
}

function warnOfOtherKeyId(
  given: { readonly section: object; readonly value: string } | undefined,
  keyId: string,
  { report }: CredentialDeps,
): void {
  const inName = keyIdInName(given?.value);
  if (given === undefined || inName === undefined || inName.toUpperCase() === keyId.toUpperCase()) return;
  const message = `the file's name says that its key id is ${inName}, but ec_key_id is ${keyId}`;
  const mend = "correct one of the two: Apple answers InvalidProviderToken to a key with another id";
  report.warning(given.section, "ec_key", { message, mend });
}

/** Apple shows an app's id with the team's in front, as in `VWXYZ67890.com.example.app`; a topic is the part behind it. */
function warnOfTeamInTopic(home: object, topic: string, teamId: string | undefined, { report }: CredentialDeps): void {
  const [head = "", ...rest] = topic.split(".");
  const isTeam = head.toUpperCase() === teamId?.toUpperCase() || /^(?=.*\d)[A-Z0-9]{10}$/.test(head);
  if (!isTeam || rest.length === 0) return;
  const message = `${topic} begins with the team id, and Apple answers DeviceTokenNotForTopic to that`;
  report.warning(home, "topic", { message, mend: `write topic: ${rest.join(".")}` });
}

function hintOfKeyId(path: string | undefined): string {
  const id = keyIdInName(path);
  return id === undefined
    ? "ABCDE12345, as in the name of the file AuthKey_ABCDE12345.p8"
    : `${id}, as in the file's name`;
}

function missing(section: object, key: string, what: string, { report }: CredentialDeps): void {
  report.missing(section, key, { message: "is missing", mend: `write ${key}: ${what}` });
}

function resolveTls(section: RawJwt, passphrase: GivenSecret, deps: CredentialDeps) {
  if (section.tls_certificate === undefined) {
    if (section.tls_key !== undefined) missing(section, "tls_certificate", "the path of its certificate", deps);
    return undefined;
  }
  const question = {
    section,
    certificate: { key: "tls_certificate", path: section.tls_certificate },
    privateKey: { key: "tls_key", path: section.tls_key },
    passphrase: passphrase.value,
    passphraseKey: passphrase.path,
  };
  const pair = readCertificatePair(question, deps);
  if (!pair) return undefined;
  const { certificate, certificateFile, privateKey } = pair;
  return { certificate, certificateFile, key: String(privateKey.export({ format: "pem", type: "pkcs8" })) };
}
