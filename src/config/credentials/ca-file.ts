import type { CredentialDeps } from "./certificate-pair.ts";
import { describeNoPem, findCertificates } from "./pem.ts";

/** Returns the certificate authorities in a file as PEM. */
export function readCaFile(section: object, key: string, path: string, deps: CredentialDeps): string | undefined {
  const file = deps.files.read(section, key, path);
  if (!file) return undefined;
  const certificates = findCertificates(file.bytes.toString("latin1"));
  if (certificates.length > 0) return `${certificates.join("\n")}\n`;
  deps.files.refuse(section, key, describeNoPem("certificate", file.path, file.bytes));
  return undefined;
}
