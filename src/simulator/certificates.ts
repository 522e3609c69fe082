import { generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto";
import type { Extension } from "@peculiar/asn1-x509";
import {
  buildAppleExtensions,
  topicsOfApp,
  type ApnsEnvironment,
  type AppleTopic,
} from "../certificates/apple-rights.ts";
import {
  buildAuthorityExtensions,
  buildNamesExtension,
  buildUsageExtension,
  issueCertificate,
  type SubjectName,
} from "../certificates/issue-certificate.ts";

/** A certificate and its private key, both PEM. */
export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

export interface ApnsCertificateOptions extends Validity {
  readonly bundleId: string;
  readonly teamId?: string;
  readonly environments?: readonly ApnsEnvironment[];
  /** Topics in extension 6.3.6. An empty list makes a certificate for a single topic. */
  readonly topics?: readonly AppleTopic[];
}

/** A certificate authority that exists as long as the process. It issues only EC P-256. */
export interface SimulatorPki {
  /** PEM of the authority's certificate. */
  readonly ca: string;
  issueServerCertificate(options: { readonly names: readonly string[] } & Validity): PemPair;
  /** A client certificate as Apple issues it. */
  issueApnsCertificate(options: ApnsCertificateOptions): PemPair;
}

/** The names under which the providers themselves are reached, so that a client may keep its own idea of them. */
export const PROVIDER_NAMES = [
  "localhost",
  "127.0.0.1",
  "::1",
  "api.push.apple.com",
  "api.sandbox.push.apple.com",
  "fcm.googleapis.com",
  "oauth2.googleapis.com",
] as const;

const AUTHORITY: SubjectName = { CN: "sip-pushd simulator CA", O: "sip-pushd simulator" };
const DAY_MS = 86_400_000;

export function createSimulatorPki(): SimulatorPki {
  const authority = generateEcKeys();

  function issue(subject: SubjectName, extensions: readonly Extension[], validity: Validity): PemPair {
    const keys = generateEcKeys();
    return {
      certificate: signCertificate({ authority, subject, publicKey: keys.publicKey, extensions, validity }),
      key: exportKey(keys.privateKey),
    };
  }

  return {
    ca: signCertificate({
      authority,
      subject: AUTHORITY,
      publicKey: authority.publicKey,
      extensions: buildAuthorityExtensions(),
      validity: {},
    }),
    issueServerCertificate: ({ names, ...validity }) =>
      issue({ CN: names[0] ?? "localhost" }, [buildNamesExtension(names), buildUsageExtension("server")], validity),
    issueApnsCertificate({ bundleId, teamId, environments = ["production", "sandbox"], topics, ...validity }) {
      const subject = { UID: bundleId, CN: `Apple Push Services: ${bundleId}`, ...(teamId ? { OU: teamId } : {}) };
      const rights = buildAppleExtensions(environments, topics ?? topicsOfApp(bundleId));
      return issue(subject, [...rights, buildUsageExtension("client")], validity);
    },
  };
}

interface SigningRequest {
  readonly authority: KeyPair;
  readonly subject: SubjectName;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Extension[];
  readonly validity: Validity;
}

function signCertificate({ authority, subject, publicKey, extensions, validity }: SigningRequest): string {
  const now = Date.now();
  const der = issueCertificate({
    subject,
    issuer: AUTHORITY,
    publicKey,
    issuerPublicKey: authority.publicKey,
    issuerKey: authority.privateKey,
    notBefore: validity.notBefore ?? new Date(now - DAY_MS),
    notAfter: validity.notAfter ?? new Date(now + 397 * DAY_MS),
    extensions,
  });
  return new X509Certificate(der).toString();
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function generateEcKeys(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function exportKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
