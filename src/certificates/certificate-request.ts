import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
} from "@peculiar/asn1-x509";

export interface RequestSubject {
  readonly email: string;
  readonly commonName: string;
  /** Two letters. */
  readonly country?: string;
}

const EMAIL_OID = "1.2.840.113549.1.9.1";
const COMMON_NAME_OID = "2.5.4.3";
const COUNTRY_OID = "2.5.4.6";
const SHA256_WITH_RSA = "1.2.840.113549.1.1.11";

/** Signs a certification request (RFC 2986 §4) with an RSA key and returns it as PEM. */
export function buildRequest(key: KeyObject, { email, commonName, country }: RequestSubject): string {
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const info = new CertificationRequestInfo({
    subject: new Name([
      buildPart(EMAIL_OID, { ia5String: email }),
      buildPart(COMMON_NAME_OID, { utf8String: commonName }),
      ...(country === undefined ? [] : [buildPart(COUNTRY_OID, { printableString: country })]),
    ]),
    subjectPKInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
  });
  const signature = sign("sha256", Buffer.from(AsnConvert.serialize(info)), key);
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: SHA256_WITH_RSA, parameters: null }),
    signature: Uint8Array.from(signature).buffer,
  });
  return encodePem("CERTIFICATE REQUEST", AsnConvert.serialize(request));
}

function buildPart(type: string, value: Partial<AttributeValue>): RelativeDistinguishedName {
  return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value: new AttributeValue(value) })]);
}

function encodePem(label: string, der: ArrayBuffer): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .match(/.{1,64}/g);
  return [`-----BEGIN ${label}-----`, ...(lines ?? []), `-----END ${label}-----`, ""].join("\n");
}
