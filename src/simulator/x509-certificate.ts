import { createHash, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import {
  DER_TAG,
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeTime,
  encodeUtf8,
} from "./der.ts";

/** Relative names in their order, for instance `{ CN: "localhost" }`. */
export type SubjectName = Readonly<Partial<Record<keyof typeof NAME_OIDS, string>>>;

export interface CertificateTemplate {
  readonly subject: SubjectName;
  readonly issuer: SubjectName;
  readonly publicKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  /** An EC P-256 private key; the signature is ECDSA with SHA-256. */
  readonly issuerKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

const NAME_OIDS = {
  UID: "0.9.2342.19200300.100.1.1",
  CN: "2.5.4.3",
  OU: "2.5.4.11",
  O: "2.5.4.10",
} as const;

const ECDSA_WITH_SHA256 = encodeSequence(encodeOid("1.2.840.10045.4.3.2"));
const VERSION_3 = encodeDer(0xa0, encodeInteger(Buffer.from([2])));

/** RFC 5280 §4.1; returns the DER of the signed certificate. */
export function buildX509Certificate(template: CertificateTemplate): Buffer {
  const extensions = [
    ...template.extensions,
    buildExtension("2.5.29.14", encodeDer(DER_TAG.octetString, keyIdentifier(template.publicKey))),
    buildExtension("2.5.29.35", encodeSequence(encodeDer(0x80, keyIdentifier(template.issuerPublicKey)))),
  ];
  const toBeSigned = encodeSequence(
    VERSION_3,
    encodeInteger(serialNumber()),
    ECDSA_WITH_SHA256,
    encodeName(template.issuer),
    encodeSequence(encodeTime(template.notBefore), encodeTime(template.notAfter)),
    encodeName(template.subject),
    exportSpki(template.publicKey),
    encodeDer(0xa3, encodeSequence(...extensions)),
  );
  const signature = sign("sha256", toBeSigned, template.issuerKey);
  return encodeSequence(toBeSigned, ECDSA_WITH_SHA256, encodeBitString(signature));
}

export function buildExtension(oid: string, value: Uint8Array, { critical = false } = {}): Buffer {
  const flag = critical ? [encodeDer(DER_TAG.boolean, Buffer.from([0xff]))] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeDer(DER_TAG.octetString, value));
}

export function buildAuthorityExtensions(): Buffer[] {
  const isAuthority = encodeSequence(encodeDer(DER_TAG.boolean, Buffer.from([0xff])));
  // keyCertSign and cRLSign are bits 5 and 6; the last bit of the byte is unused.
  const keyUsage = encodeBitString(Buffer.from([0b0000_0110]), 1);
  return [
    buildExtension("2.5.29.19", isAuthority, { critical: true }),
    buildExtension("2.5.29.15", keyUsage, { critical: true }),
  ];
}

export function buildUsageExtension(usage: "server" | "client"): Buffer {
  return buildExtension("2.5.29.37", encodeSequence(encodeOid(`1.3.6.1.5.5.7.3.${usage === "server" ? 1 : 2}`)));
}

/** Subject alternative names; what looks like an address becomes an iPAddress, all else a dNSName. */
export function buildNamesExtension(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIPv4(name) || isIPv6(name) ? encodeDer(0x87, encodeAddress(name)) : encodeDer(0x82, Buffer.from(name, "latin1")),
  );
  return buildExtension("2.5.29.17", encodeSequence(...entries));
}

function encodeAddress(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail = ""] = address.split("::");
  const groupsOf = (part: string) => part.split(":").filter((group) => group !== "");
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}

function encodeName(name: SubjectName): Buffer {
  const parts = Object.entries(NAME_OIDS).flatMap(([key, oid]) => {
    const value = name[key as keyof SubjectName];
    return value === undefined ? [] : [encodeDer(DER_TAG.set, encodeSequence(encodeOid(oid), encodeUtf8(value)))];
  });
  return encodeSequence(...parts);
}

function exportSpki(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha256").update(exportSpki(key)).digest().subarray(0, 20);
}

function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  // Positive and without a leading zero byte, as DER wants its integers.
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes;
}
