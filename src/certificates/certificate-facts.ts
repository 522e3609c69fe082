import { createHash, createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import { compact } from "../push/compact.ts";
import { readAppleRights, type ApnsEnvironment } from "./apple-rights.ts";
import type { CredentialFile } from "./credential-file.ts";

export interface CertificateFacts {
  readonly kind: "certificate";
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly topics: readonly string[];
  readonly environments: readonly ApnsEnvironment[];
  readonly valid_from: string;
  readonly valid_to: string;
  /** Negative after the expiry. */
  readonly days_left: number;
  readonly key: string;
  readonly sha256: string;
  /** As Apple's Keychain Access shows it. */
  readonly sha1: string;
}

export interface KeyFacts {
  readonly kind: "private_key";
  readonly key: string;
  readonly encrypted: boolean;
  /** Digest of the public key as DER, the same for a matching certificate. */
  readonly public_sha256: string;
  /** True if a certificate among the files belongs to it; undefined if there are none. */
  readonly has_certificate?: boolean;
}

export type CredentialFacts = { readonly file: string } & (CertificateFacts | KeyFacts);

const DAY_MS = 86_400_000;

/** Describes each certificate and each key of the files. `now` is in epoch milliseconds. */
export function describeCredentials(found: readonly CredentialFile[], now: number): CredentialFacts[] {
  const all = found.flatMap(({ certificates }) => certificates);
  return found.flatMap(({ file, certificates, keys, encrypted }) => [
    ...certificates.map((certificate) => ({ file, ...readCertificateFacts(certificate, now) })),
    ...keys.map((key) => ({ file, ...readKeyFacts(key, encrypted, all) })),
  ]);
}

export function readCertificateFacts(certificate: X509Certificate, now: number): CertificateFacts {
  const { topics, environments } = readAppleRights(certificate);
  // Undefined if the certificate has none, although the type does not say so.
  const names: string | undefined = certificate.subjectAltName;
  return {
    kind: "certificate",
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: [...(names ?? "").matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].flatMap(([, name]) => name ?? []),
    topics,
    environments,
    valid_from: certificate.validFromDate.toISOString(),
    valid_to: certificate.validToDate.toISOString(),
    days_left: Math.floor((certificate.validToDate.getTime() - now) / DAY_MS),
    key: describeKey(certificate.publicKey),
    sha256: certificate.fingerprint256,
    sha1: certificate.fingerprint,
  };
}

function readKeyFacts(key: KeyObject, encrypted: boolean, certificates: readonly X509Certificate[]): KeyFacts {
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  return compact({
    kind: "private_key",
    key: describeKey(key),
    encrypted,
    public_sha256: createHash("sha256").update(der).digest("hex"),
    has_certificate:
      certificates.length === 0 ? undefined : certificates.some((certificate) => certificate.checkPrivateKey(key)),
  });
}

/** Returns the common name, or the whole subject if there is none. */
export function nameOf(certificate: X509Certificate): string {
  return /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? oneLine(certificate.subject);
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ");
}

function describeKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
  const size = modulusLength === undefined ? namedCurve : `${modulusLength} bits`;
  return [asymmetricKeyType?.toUpperCase() ?? "unknown", ...(size === undefined ? [] : [size])].join(" ");
}
