import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { findCertificates, findPrivateKey, isEncryptedKey, isPkcs12 } from "./pem.ts";
import { OperatorError } from "../push/operator-error.ts";
import { openPkcs12 } from "./open-pkcs12.ts";

export interface CredentialFile {
  readonly file: string;
  readonly certificates: readonly X509Certificate[];
  readonly keys: readonly KeyObject[];
  /** True if a passphrase was needed. */
  readonly encrypted: boolean;
}

/** Asks for the passphrase of a file. */
export type AskPassphrase = (file: string) => Promise<string>;

/**
 * Reads certificates and private keys in any form, in order, because each file may ask for a passphrase. Throws an
 * `OperatorError` if a file cannot be read or opened, or holds neither.
 */
export async function readCredentialFiles(files: readonly string[], ask: AskPassphrase): Promise<CredentialFile[]> {
  const found: CredentialFile[] = [];
  for (const file of files) found.push(await readCredentialFile(file, ask));
  return found;
}

/** PEM, DER (.cer), PKCS#12 (.p12), Apple's .p8. */
async function readCredentialFile(file: string, ask: AskPassphrase): Promise<CredentialFile> {
  const bytes = await readBytes(file);
  if (isPkcs12(bytes)) return readPkcs12(file, bytes, ask);
  const text = bytes.toString("latin1");
  const found = text.includes("-----BEGIN ") ? await readPem(file, text, ask) : readDer(file, bytes);
  if (found.certificates.length + found.keys.length > 0) return found;
  throw new OperatorError("no_credential", `${file} holds neither a certificate nor a private key.`, {
    mend: "Known are PEM, DER (.cer), PKCS#12 (.p12) and Apple's signing keys (.p8).",
  });
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError("unreadable_file", `${file} cannot be read: ${why}`, { cause: error });
  }
}

async function readPkcs12(file: string, bytes: Buffer, ask: AskPassphrase): Promise<CredentialFile> {
  const open = await openPkcs12(file, bytes, "");
  if (open !== undefined) return { file, ...open, encrypted: false };
  const content = await openPkcs12(file, bytes, await ask(file));
  if (content === undefined) throw wrongPassphrase(file);
  return { file, ...content, encrypted: true };
}

async function readPem(file: string, text: string, ask: AskPassphrase): Promise<CredentialFile> {
  const certificates = findCertificates(text).map((pem) => orDamaged(file, () => new X509Certificate(pem)));
  const pem = findPrivateKey(text);
  if (pem === undefined) return { file, certificates, keys: [], encrypted: false };
  if (!isEncryptedKey(pem)) {
    return { file, certificates, keys: [orDamaged(file, () => createPrivateKey(pem))], encrypted: false };
  }
  const passphrase = await ask(file);
  try {
    return { file, certificates, keys: [createPrivateKey({ key: pem, passphrase })], encrypted: true };
  } catch (error) {
    throw wrongPassphrase(file, error);
  }
}

function readDer(file: string, bytes: Buffer): CredentialFile {
  const found = { file, encrypted: false, certificates: [], keys: [] };
  const certificate = tryTo(() => new X509Certificate(bytes));
  if (certificate !== undefined) return { ...found, certificates: [certificate] };
  for (const type of ["pkcs8", "sec1", "pkcs1"] as const) {
    const key = tryTo(() => createPrivateKey({ key: bytes, format: "der", type }));
    if (key !== undefined) return { ...found, keys: [key] };
  }
  return found;
}

function tryTo<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function orDamaged<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new OperatorError("damaged", `What stands in ${file} is damaged.`, {
      mend: "Export it again.",
      cause: error,
    });
  }
}

function wrongPassphrase(file: string, cause?: unknown): OperatorError {
  return new OperatorError("wrong_passphrase", `The passphrase does not open ${file}.`, {
    mend: "Try again; it is the one that was chosen when the file was exported.",
    cause,
  });
}
