import { createHash, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
} from "@peculiar/asn1-x509";

/** Relative names, written in the order UID, CN, OU, O. */
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
  readonly extensions: readonly Extension[];
}

const NAME_OIDS = {
  UID: "0.9.2342.19200300.100.1.1",
  CN: "2.5.4.3",
  OU: "2.5.4.11",
  O: "2.5.4.10",
} as const;

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

/** Signs a certificate (RFC 5280 §4.1) and returns its DER. */
export function issueCertificate(template: CertificateTemplate): Buffer {
  const { subject, issuer, publicKey, issuerPublicKey, issuerKey, notBefore, notAfter, extensions } = template;
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: toArrayBuffer(createSerialNumber()),
    signature: signatureAlgorithm,
    issuer: buildName(issuer),
    validity: new Validity({ notBefore, notAfter }),
    subject: buildName(subject),
    subjectPublicKeyInfo: AsnConvert.parse(exportSpki(publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions([
      ...extensions,
      buildExtension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(publicKey))),
      buildExtension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuerPublicKey)) }),
      ),
    ]),
  });
  const signatureValue = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), issuerKey);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm,
    signatureValue: toArrayBuffer(signatureValue),
  });
  return Buffer.from(AsnConvert.serialize(certificate));
}

/** `value`: an object of an ASN.1 schema, or DER. */
export function buildExtension(oid: string, value: object | Uint8Array, { critical = false } = {}): Extension {
  const der = value instanceof Uint8Array ? toArrayBuffer(value) : AsnConvert.serialize(value);
  return new Extension({ extnID: oid, critical, extnValue: new OctetString(der) });
}

export function buildAuthorityExtensions(): Extension[] {
  return [
    buildExtension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), { critical: true }),
    buildExtension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), {
      critical: true,
    }),
  ];
}

export function buildUsageExtension(usage: "server" | "client"): Extension {
  return buildExtension(
    id_ce_extKeyUsage,
    new ExtendedKeyUsage([usage === "server" ? id_kp_serverAuth : id_kp_clientAuth]),
  );
}

/** Builds the subject alternative names: an IP address becomes an iPAddress, all else a dNSName. */
export function buildNamesExtension(names: readonly string[]): Extension {
  const entries = names.map((name) => new GeneralName(isIP(name) > 0 ? { iPAddress: name } : { dNSName: name }));
  return buildExtension(id_ce_subjectAltName, new SubjectAlternativeName(entries));
}

function buildName(name: SubjectName): Name {
  const parts = Object.entries(NAME_OIDS).flatMap(([key, type]) => {
    const utf8String = name[key as keyof SubjectName];
    if (utf8String === undefined) return [];
    const attribute = new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String }) });
    return [new RelativeDistinguishedName([attribute])];
  });
  return new Name(parts);
}

function exportSpki(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function keyIdentifier(key: KeyObject): ArrayBuffer {
  return toArrayBuffer(createHash("sha256").update(exportSpki(key)).digest().subarray(0, 20));
}

function createSerialNumber(): Buffer {
  const bytes = randomBytes(16);
  // Positive and without a leading zero byte, as DER wants its integers.
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes;
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
