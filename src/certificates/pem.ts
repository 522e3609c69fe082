import type { KeyObject } from "node:crypto";

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?-----END \1PRIVATE KEY-----/;

export function findCertificates(text: string): string[] {
  return text.match(CERTIFICATE) ?? [];
}

export function findPrivateKey(text: string): string | undefined {
  // A service account's JSON holds one as well, and is something else.
  return text.startsWith("{") ? undefined : PRIVATE_KEY.exec(text)?.[0];
}

/** PKCS#8 states it in the label, OpenSSL's older form in a header. */
export function isEncryptedKey(pem: string): boolean {
  return pem.includes("BEGIN ENCRYPTED PRIVATE KEY") || pem.includes("Proc-Type: 4,ENCRYPTED");
}

/** SEQUENCE { INTEGER 3, … (RFC 7292 §4). */
export function isPkcs12(bytes: Buffer): boolean {
  const [tag, length = 0] = bytes;
  if (tag !== 0x30) return false;
  const start = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return bytes.subarray(start, start + 3).equals(Buffer.from([0x02, 0x01, 0x03]));
}

/** Returns the key as PKCS#8 in PEM, encrypted if there is a passphrase. */
export function exportKey(key: KeyObject, passphrase: string | undefined): string {
  const form = { format: "pem", type: "pkcs8" } as const;
  return passphrase === undefined
    ? key.export(form).toString()
    : key.export({ ...form, cipher: "aes-256-cbc", passphrase }).toString();
}
