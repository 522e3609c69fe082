import type { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, type Extension } from "@peculiar/asn1-x509";
import { fromBER, Null, Sequence, Utf8String, type AsnType } from "asn1js";
import { buildExtension } from "./issue-certificate.ts";

/** Apple's two push services. */
export type ApnsEnvironment = "production" | "sandbox";

/** Rights that Apple wrote into a push certificate. */
export interface AppleRights {
  /** The subject's UID first, then the listed ones. */
  readonly topics: readonly string[];
  /** Those of the extensions. */
  readonly listedTopics: readonly string[];
  /** Empty if the certificate does not say. */
  readonly environments: readonly ApnsEnvironment[];
}

export interface AppleTopic {
  readonly topic: string;
  readonly kind: string;
}

/** The presence of the extension counts (`lib/credentials/certificate/oids.js` of @parse/node-apn). */
const ENVIRONMENT_OIDS = {
  production: "1.2.840.113635.100.6.3.2",
  sandbox: "1.2.840.113635.100.6.3.1",
} as const satisfies Record<ApnsEnvironment, string>;
/** The one topic of an older VoIP certificate. */
const VOIP_TOPIC_OID = "1.2.840.113635.100.6.3.4";
/**
 * All topics of an app:
 * https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
 */
const TOPICS_OID = "1.2.840.113635.100.6.3.6";

/** Node shows no extension that OpenSSL does not know. */
export function readAppleRights(certificate: X509Certificate): AppleRights {
  const extensions = readExtensions(certificate);
  const listedTopics = [VOIP_TOPIC_OID, TOPICS_OID].flatMap((oid) => readTopics(extensions.get(oid)));
  const environments = (["production", "sandbox"] as const).filter((name) => extensions.has(ENVIRONMENT_OIDS[name]));
  return { topics: [...new Set([...uidOf(certificate), ...listedTopics])], listedTopics, environments };
}

function uidOf(certificate: X509Certificate): string[] {
  return certificate.subject.split("\n").flatMap((part) => (part.startsWith("UID=") ? [part.slice(4)] : []));
}

function readExtensions(certificate: X509Certificate): ReadonlyMap<string, ArrayBuffer> {
  try {
    const { extensions = [] } = AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
    return new Map([...extensions].map(({ extnID, extnValue }) => [extnID, extnValue.buffer]));
  } catch {
    // OpenSSL accepts more than the schema does, but Apple issues no such certificate.
    return new Map();
  }
}

/** Reads `SEQUENCE { topic, SEQUENCE { kind… }, topic, … }`, or one topic alone. */
function readTopics(der: ArrayBuffer | undefined): string[] {
  if (der === undefined) return [];
  const { offset, result } = fromBER(der);
  // Damaged: Apple has not written it, and another extension may still name the topics.
  if (offset < 0) return [];
  const values: readonly AsnType[] = result instanceof Sequence ? result.valueBlock.value : [result];
  return values.flatMap((value) => (value instanceof Utf8String ? [value.getValue()] : []));
}

/** The topics of one app as a universal push certificate lists them. */
export function topicsOfApp(bundleId: string): AppleTopic[] {
  return [
    { topic: bundleId, kind: "app" },
    { topic: `${bundleId}.voip`, kind: "voip" },
    { topic: `${bundleId}.complication`, kind: "complication" },
  ];
}

/** Builds the extensions of a push certificate; without topics it is one for a single topic, that of its subject. */
export function buildAppleExtensions(
  environments: readonly ApnsEnvironment[],
  topics: readonly AppleTopic[],
): readonly Extension[] {
  const flags = environments.map((name) => buildExtension(ENVIRONMENT_OIDS[name], encode(new Null())));
  if (topics.length === 0) return flags;
  const list = topics.flatMap(({ topic, kind }) => [
    new Utf8String({ value: topic }),
    new Sequence({ value: [new Utf8String({ value: kind })] }),
  ]);
  return [...flags, buildExtension(TOPICS_OID, encode(new Sequence({ value: list })))];
}

function encode(value: AsnType): Uint8Array {
  return new Uint8Array(value.toBER());
}
