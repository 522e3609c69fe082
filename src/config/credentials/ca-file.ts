import type { CredentialDeps } from "./certificate-pair.ts";
import { readCredentialText } from "./credential-text.ts";
import { findCertificates } from "../../certificates/pem.ts";
import { describeNoPem } from "./pem.ts";

/** Returns the certificate authorities in a file as PEM. */
export function readCaFile(section: object, key: string, path: string, deps: CredentialDeps): string | undefined {
  const file = deps.files.readCredential(section, key, path);
  if (!file) return undefined;
  const certificates = findCertificates(readCredentialText(file.bytes));
  if (certificates.length > 0) return `${certificates.join("\n")}\n`;
  deps.files.refuse(section, key, describeNoPem("certificate", file.path, file.bytes));
  return undefined;
}
