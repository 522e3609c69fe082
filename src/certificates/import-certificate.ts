import type { KeyObject, X509Certificate } from "node:crypto";
import { OperatorError } from "../push/operator-error.ts";
import { nameOf } from "./certificate-facts.ts";
import type { CredentialFile } from "./credential-file.ts";
import { exportKey } from "./pem.ts";
import { writeNewFiles } from "./write-files.ts";

export interface CertificatePair {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

export interface PairFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface PairTarget {
  readonly folder: string;
  /** First part of the names of the files. */
  readonly name: string;
  /** Encrypts the key. */
  readonly passphrase: string | undefined;
  /** Overwrites other files. */
  readonly force: boolean;
  /** Files that the pair comes from, which may be overwritten. */
  readonly sources: readonly string[];
}

/** Writes the two PEM files for `apns.certificate` and `apns.key`. Throws an `OperatorError` if it cannot. */
export async function writePair({ certificate, key }: CertificatePair, target: PairTarget): Promise<PairFiles> {
  const { folder, name, passphrase, force, sources } = target;
  const [certificateFile = "", keyFile = ""] = await writeNewFiles(
    folder,
    [
      { name: `${name}Cert.pem`, content: certificate.toString(), secret: false },
      { name: `${name}Key.pem`, content: exportKey(key, passphrase), secret: true },
    ],
    { force, sources },
  );
  return { certificateFile, keyFile };
}

/**
 * Finds the certificate that belongs to a key, and of several the one that is valid longest, because a renewed one may
 * keep its key. Throws an `OperatorError` that says what is missing.
 */
export function findPair(found: readonly CredentialFile[]): CertificatePair {
  const certificates = found.flatMap((file) => file.certificates);
  const keys = found.flatMap((file) => file.keys);
  const pairs = certificates.flatMap((certificate) => {
    const key = keys.find((candidate) => certificate.checkPrivateKey(candidate));
    return key === undefined ? [] : [{ certificate, key }];
  });
  const [pair] = pairs.toSorted((a, b) => b.certificate.validToDate.getTime() - a.certificate.validToDate.getTime());
  if (pair !== undefined) return pair;
  const files = found.map(({ file }) => file).join(" and ");
  if (keys.length === 0) {
    throw new OperatorError("no_key", `There is no private key in ${files}.`, {
      mend: "Give the .p12 as well, exported from Keychain Access with the private key; or the key that 'sip-pushd cert csr' made.",
    });
  }
  if (certificates.length === 0) {
    throw new OperatorError("no_certificate", `There is no certificate in ${files}.`, {
      mend: "Give the .cer as well that Apple's developer site offers for download.",
    });
  }
  throw new OperatorError("no_pair", `The private key does not belong to ${certificates.map(nameOf).join(", ")}.`, {
    mend: "Give the key that the certificate was requested with. Without it, request a new certificate: sip-pushd cert csr.",
  });
}
