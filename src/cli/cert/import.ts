import { resolve } from "node:path";
import type { KeyObject, X509Certificate } from "node:crypto";
import { readAppleRights } from "../../certificates/apple-rights.ts";
import { CliError, EXIT_CODES, writeJson, writeLine, type CliIo } from "../output.ts";
import { readCredentialFile, type CredentialFile } from "./credential-file.ts";
import { nameOf, readCertificateFacts } from "./describe.ts";
import { exportKey } from "./export-key.ts";
import { chooseNewPassphrase, createPassphrases } from "./passphrases.ts";
import { writeNewFiles } from "./write-files.ts";

export interface ImportOptions {
  readonly out: string;
  readonly name: string;
  readonly passphraseFile?: string;
  readonly encrypt?: boolean;
  readonly newPassphraseFile?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface Pair {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Writes the two PEM files for `apns.certificate` and `apns.key`. */
export async function importCertificate(files: readonly string[], options: ImportOptions, io: CliIo): Promise<number> {
  const ask = createPassphrases(options.passphraseFile, io);
  const found: CredentialFile[] = [];
  for (const file of files) found.push(await readCredentialFile(file, ask));
  const pair = findPair(found);
  const isEncrypted = options.encrypt === true || options.newPassphraseFile !== undefined;
  const passphrase = isEncrypted ? await chooseNewPassphrase(options.newPassphraseFile, io) : undefined;
  const [certificate = "", key = ""] = await writeNewFiles(
    options.out,
    [
      { name: `${options.name}Cert.pem`, content: pair.certificate.toString(), secret: false },
      { name: `${options.name}Key.pem`, content: exportKey(pair.key, passphrase), secret: true },
    ],
    { force: options.force === true, sources: files },
  );
  const facts = readCertificateFacts(pair.certificate, Date.now());
  if (options.json) writeJson(io, { certificate_file: certificate, key_file: key, encrypted: isEncrypted, ...facts });
  else for (const line of report(pair, { certificate, key, isEncrypted })) writeLine(io, line);
  return EXIT_CODES.ok;
}

/**
 * Finds the certificate that belongs to a key, and of several the one that is valid longest, because a renewed one may
 * keep its key.
 */
function findPair(found: readonly CredentialFile[]): Pair {
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
    throw new CliError("no_key", `There is no private key in ${files}.`, {
      mend: "Give the .p12 as well, exported from Keychain Access with the private key; or the key that 'sip-pushd cert csr' made.",
    });
  }
  if (certificates.length === 0) {
    throw new CliError("no_certificate", `There is no certificate in ${files}.`, {
      mend: "Give the .cer as well that Apple's developer site offers for download.",
    });
  }
  throw new CliError("no_pair", `The private key does not belong to ${certificates.map(nameOf).join(", ")}.`, {
    mend: "Give the key that the certificate was requested with. Without it, request a new certificate: sip-pushd cert csr.",
  });
}

function report(
  { certificate }: Pair,
  files: { readonly certificate: string; readonly key: string; readonly isEncrypted: boolean },
): string[] {
  const { topics, environments } = readAppleRights(certificate);
  const { days_left, valid_to } = readCertificateFacts(certificate, Date.now());
  const isForCallsAlone = topics.length > 0 && topics.every((topic) => topic.endsWith(".voip"));
  const settings = [
    `certificate: ${resolve(files.certificate)}`,
    `key: ${resolve(files.key)}`,
    ...(files.isEncrypted ? ["key_passphrase_file: …   # a file that holds the new passphrase"] : []),
  ];
  return [
    `${files.certificate}: ${nameOf(certificate)}, until ${valid_to.slice(0, 10)}${days_left < 0 ? " (expired)" : ""}`,
    `${files.key}: its private key, ${files.isEncrypted ? "encrypted" : "not encrypted: keep it readable for the gateway alone"}`,
    topics.length === 0
      ? "Apple's push service will not know it: it names no app (no UID in its subject)."
      : `For ${topics.join(", ")}${environments.length === 0 ? "" : ` (${environments.join(", ")})`}.`,
    "",
    "They belong together. In the gateway's configuration:",
    "  apns:",
    ...(isForCallsAlone
      ? [
          "    extra_instances:",
          ...["- type: callkit", ...settings.map((line) => `  ${line}`)].map((line) => `    ${line}`),
        ]
      : settings.map((line) => `    ${line}`)),
  ];
}
