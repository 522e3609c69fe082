import type { X509Certificate } from "node:crypto";
import { ENVIRONMENTS, type Environment } from "../../push/device.ts";
import { readDer, type DerValue } from "./der.ts";

/** What Apple wrote into a push certificate. */
export interface ApnsRights {
  /** The subject's UID first, then those of the extensions. */
  readonly topics: readonly string[];
  /** Empty where the certificate does not say. */
  readonly environments: readonly Environment[];
}

/** That the extension is there is what counts (`lib/credentials/certificate/oids.js` of @parse/node-apn). */
const ENVIRONMENT_OIDS = {
  sandbox: oid("1.2.840.113635.100.6.3.1"),
  production: oid("1.2.840.113635.100.6.3.2"),
} as const satisfies Record<Environment, Buffer>;
/**
 * Of older VoIP certificates, and of those that are for all topics of an app:
 * https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
 */
const TOPICS_OIDS = [oid("1.2.840.113635.100.6.3.4"), oid("1.2.840.113635.100.6.3.6")];

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const OCTET_STRING = 0x04;
/** `[3]`, in a certificate: its extensions. */
const EXTENSIONS = 0xa3;

export function readApnsRights(certificate: X509Certificate): ApnsRights {
  const extensions = readExtensions(certificate.raw);
  const valueOf = (wanted: Buffer) => extensions.find(({ id }) => id.equals(wanted))?.value;
  const listed = TOPICS_OIDS.flatMap((wanted) => readTopics(valueOf(wanted)));
  return {
    topics: [...new Set([...uidOf(certificate), ...listed])],
    environments: ENVIRONMENTS.filter((environment) => valueOf(ENVIRONMENT_OIDS[environment]) !== undefined),
  };
}

function uidOf(certificate: X509Certificate): string[] {
  return certificate.subject.split("\n").flatMap((part) => (part.startsWith("UID=") ? [part.slice(4)] : []));
}

interface Extension {
  readonly id: Buffer;
  readonly value: Buffer;
}

/** Node does not show extensions that OpenSSL does not know. */
function readExtensions(der: Buffer): Extension[] {
  const [certificate] = readDer(der);
  const [toBeSigned] = childrenOf(certificate);
  const wrapper = childrenOf(toBeSigned).find(({ tag }) => tag === EXTENSIONS);
  const [list] = childrenOf(wrapper);
  return childrenOf(list).flatMap((extension) => {
    const parts = childrenOf(extension);
    const id = parts.find(({ tag }) => tag === OBJECT_IDENTIFIER);
    const value = parts.find(({ tag }) => tag === OCTET_STRING);
    return id && value ? [{ id: id.content, value: value.content }] : [];
  });
}

/** `SEQUENCE { topic, SEQUENCE { kind… }, topic, … }`, or one topic alone. */
function readTopics(value: Buffer | undefined): string[] {
  const values = value === undefined ? [] : readDer(value);
  const [first] = values;
  const listed = first?.tag === SEQUENCE ? readDer(first.content) : values;
  return listed.flatMap(({ tag, content }) => (tag === UTF8_STRING ? [content.toString("utf8")] : []));
}

function childrenOf(value: DerValue | undefined): DerValue[] {
  return value === undefined ? [] : readDer(value.content);
}

/** An object identifier's content as DER. */
function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(arc: number): number[] {
  const high = Math.floor(arc / 128);
  const head = high === 0 ? [] : base128(high).map((byte) => byte | 0x80);
  return [...head, arc % 128];
}
