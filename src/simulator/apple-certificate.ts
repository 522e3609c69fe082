import { DER_TAG, encodeDer, encodeSequence, encodeUtf8, readDer, type DerNode } from "./der.ts";
import { buildExtension } from "./x509-certificate.ts";

/** Apple's two push services. */
export type ApnsEnvironment = "production" | "sandbox";

export interface AppleTopic {
  readonly topic: string;
  readonly kind: string;
}

export interface AppleRights {
  readonly environments: readonly ApnsEnvironment[];
  /** Every topic of the certificate's list; empty where it has none. */
  readonly topics: readonly string[];
}

const SANDBOX_OID = "1.2.840.113635.100.6.3.1";
const PRODUCTION_OID = "1.2.840.113635.100.6.3.2";
const TOPICS_OID = "1.2.840.113635.100.6.3.6";
const ENVIRONMENT_OIDS = { sandbox: SANDBOX_OID, production: PRODUCTION_OID } as const;

/** The topics of one app as a universal push certificate lists them. */
export function topicsOfApp(bundleId: string): AppleTopic[] {
  return [
    { topic: bundleId, kind: "app" },
    { topic: `${bundleId}.voip`, kind: "voip" },
    { topic: `${bundleId}.complication`, kind: "complication" },
  ];
}

export function buildAppleExtensions(
  environments: readonly ApnsEnvironment[],
  topics: readonly AppleTopic[],
): readonly Buffer[] {
  const flags = environments.map((environment) =>
    buildExtension(ENVIRONMENT_OIDS[environment], encodeDer(DER_TAG.null)),
  );
  const list = encodeSequence(
    ...topics.flatMap(({ topic, kind }) => [encodeUtf8(topic), encodeSequence(encodeUtf8(kind))]),
  );
  return topics.length === 0 ? flags : [...flags, buildExtension(TOPICS_OID, list)];
}

/** Reads Apple's extensions from the DER of a certificate; Node shows no extension that it does not know. */
export function readAppleRights(certificate: Buffer): AppleRights {
  const extensions = readExtensions(certificate);
  const environments = (["production", "sandbox"] as const).filter((name) => extensions.has(ENVIRONMENT_OIDS[name]));
  const topics = extensions.get(TOPICS_OID);
  return { environments, topics: topics === undefined ? [] : readTopics(topics) };
}

function readTopics(value: Buffer): string[] {
  return childrenOf(readDer(value)[0])
    .filter((node) => node.tag === DER_TAG.utf8String)
    .map((node) => node.value.toString("utf8"));
}

function readExtensions(certificate: Buffer): Map<string, Buffer> {
  const [toBeSigned] = childrenOf(readDer(certificate)[0]);
  const wrapper = childrenOf(toBeSigned).find((node) => node.tag === 0xa3);
  const [list] = childrenOf(wrapper);
  const extensions = new Map<string, Buffer>();
  for (const extension of childrenOf(list)) {
    const parts = childrenOf(extension);
    const oid = parts[0];
    const value = parts.at(-1);
    if (oid !== undefined && value !== undefined) extensions.set(readOid(oid.value), value.value);
  }
  return extensions;
}

function childrenOf(node: DerNode | undefined): readonly DerNode[] {
  return node === undefined ? [] : readDer(node.value);
}

function readOid(bytes: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  return [Math.floor(first / 40), first % 40, ...rest].join(".");
}
