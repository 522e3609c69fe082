import { X509Certificate } from "node:crypto";

/**
 * Returns the server names in a certificate: DNS names, including wildcards, and the common name. Empty if it cannot be
 * read.
 */
export function readCertificateNames(pem: string | Buffer): readonly string[] {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return [];
  }
  const alternatives = (certificate.subjectAltName ?? "").matchAll(/DNS:([^,\s"]+)/g);
  const common = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1];
  return [...new Set([...[...alternatives].map(([, name = ""]) => name), ...(common === undefined ? [] : [common])])];
}
