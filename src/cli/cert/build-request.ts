import { createPublicKey, sign, type KeyObject } from "node:crypto";
import {
  DER_TAG,
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodePem,
  encodeSequence,
  encodeUtf8,
} from "../../simulator/der.ts";

export interface RequestSubject {
  readonly email: string;
  readonly commonName: string;
  /** Two letters. */
  readonly country?: string;
}

const PRINTABLE_STRING = 0x13;
const IA5_STRING = 0x16;
const SHA256_WITH_RSA = encodeSequence(encodeOid("1.2.840.113549.1.1.11"), encodeDer(DER_TAG.null));
/** `[0]`: no attributes. */
const NO_ATTRIBUTES = encodeDer(0xa0);

/** A certification request (RFC 2986 §4), as PEM. */
export function buildRequest(key: KeyObject, { email, commonName, country }: RequestSubject): string {
  const info = encodeSequence(
    encodeInteger(Buffer.from([0])),
    encodeSequence(
      encodeName("1.2.840.113549.1.9.1", encodeDer(IA5_STRING, Buffer.from(email, "latin1"))),
      encodeName("2.5.4.3", encodeUtf8(commonName)),
      ...(country === undefined ? [] : [encodeName("2.5.4.6", encodeDer(PRINTABLE_STRING, Buffer.from(country)))]),
    ),
    createPublicKey(key).export({ type: "spki", format: "der" }),
    NO_ATTRIBUTES,
  );
  const signature = encodeBitString(sign("sha256", info, key));
  return encodePem("CERTIFICATE REQUEST", encodeSequence(info, SHA256_WITH_RSA, signature));
}

function encodeName(oid: string, value: Buffer): Buffer {
  return encodeDer(DER_TAG.set, encodeSequence(encodeOid(oid), value));
}
