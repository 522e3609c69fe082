import type { X509Certificate } from "node:crypto";

/** OID 1.2.840.113635.100.6.3.6, the topics of a universal push certificate, as DER (providers' facts §1.2). */
const TOPICS_OID = Buffer.from("060a2a864886f76364060306", "hex");

const SEQUENCE = 0x30;
const UTF8_STRING = 0x0c;
const OCTET_STRING = 0x04;

interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
}

/** The topics that Apple's certificate may push to: the subject's UID first, then those of the extension. */
export function readApnsTopics(certificate: X509Certificate): string[] {
  const topics = [...uidOf(certificate), ...extensionTopics(certificate.raw)];
  return [...new Set(topics)];
}

function uidOf(certificate: X509Certificate): string[] {
  return certificate.subject.split("\n").flatMap((part) => (part.startsWith("UID=") ? [part.slice(4)] : []));
}

/** Node does not show extensions that OpenSSL does not know. The value is `SEQUENCE { topic, SEQUENCE { kind… }, … }`. */
function extensionTopics(der: Buffer): string[] {
  const start = der.indexOf(TOPICS_OID);
  if (start < 0) return [];
  const value = readDer(der.subarray(start + TOPICS_OID.length)).find(({ tag }) => tag === OCTET_STRING);
  const [list] = value ? readDer(value.content) : [];
  if (list?.tag !== SEQUENCE) return [];
  return readDer(list.content).flatMap(({ tag, content }) => (tag === UTF8_STRING ? [content.toString("utf8")] : []));
}

/** The values that stand one after the other; ends at the first that is cut off. */
function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  let rest = bytes;
  while (rest.length >= 2) {
    const [tag = 0, first = 0] = rest;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (lengthBytes > 4 || rest.length < 2 + lengthBytes) break;
    const length = lengthBytes === 0 ? first : rest.readUIntBE(2, lengthBytes);
    const start = 2 + lengthBytes;
    if (rest.length < start + length) break;
    values.push({ tag, content: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return values;
}
