import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { isEncryptedKey, isPkcs12 } from "../../certificates/pem.ts";
import type { Complaint } from "../reading/report.ts";
import { identifyCredential } from "./identify-credential.ts";
import { nameForCommand, whereIs } from "./inline-credential.ts";
import { readCredentialText } from "./credential-text.ts";

/** Returns why a file without the wanted PEM is wrong, and how to convert it. */
export function describeNoPem(wanted: "certificate" | "private key", path: string, bytes: Buffer): Complaint {
  const identity = identifyCredential(readCredentialText(bytes));
  if (identity === `a ${wanted}`) {
    return { message: `the ${wanted} ${whereIs(path)} is cut off or damaged`, mend: "export it again" };
  }
  if (identity !== undefined) {
    return { message: `${path} is ${identity}, not a ${wanted}`, mend: `name the PEM file with the ${wanted}` };
  }
  if (isPkcs12(bytes)) {
    return {
      message: `${path} is a PKCS#12 file (.p12), not PEM`,
      mend: `convert it: sip-pushd cert import ${nameForCommand(path)}`,
    };
  }
  const der = derKind(bytes);
  if (der !== undefined) {
    const command = der === "certificate" ? "x509" : "pkey";
    return {
      message: `${path} is a ${der} in DER form, not PEM`,
      mend: `convert it: openssl ${command} -inform der -in ${nameForCommand(path)} -out <new file>.pem`,
    };
  }
  return {
    message: bytes.length === 0 ? `${path} is empty` : `${path} holds no PEM`,
    mend: `name a file in PEM form, with a line BEGIN ${wanted.toUpperCase()} in it`,
  };
}

function derKind(bytes: Buffer): "certificate" | "private key" | undefined {
  if (bytes[0] !== 0x30) return undefined;
  if (succeeds(() => new X509Certificate(bytes))) return "certificate";
  const types = ["pkcs8", "sec1", "pkcs1"] as const;
  const isKey = types.some((type) => succeeds(() => createPrivateKey({ key: bytes, format: "der", type })));
  return isKey ? "private key" : undefined;
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

export type KeyReading = { readonly key: KeyObject } | { readonly complaint: Complaint };

export interface KeyQuestion {
  readonly pem: string;
  readonly path: string;
  readonly passphrase: string | undefined;
  /** Name of the passphrase setting, as the operator writes it. */
  readonly passphraseKey: string;
}

/** Opens a private key. */
export function openPrivateKey({ pem, path, passphrase, passphraseKey }: KeyQuestion): KeyReading {
  const encrypted = isEncryptedKey(pem);
  if (encrypted && passphrase === undefined) {
    const mend = `set ${passphraseKey} or ${passphraseKey}_file, or decrypt it: openssl pkey -in ${nameForCommand(path)} -out <new file>`;
    return { complaint: { message: `the private key ${whereIs(path)} is encrypted and there is no passphrase`, mend } };
  }
  try {
    return { key: createPrivateKey(encrypted ? { key: pem, passphrase } : pem) };
  } catch (error) {
    return { complaint: describeKeyError(path, encrypted, error) };
  }
}

function describeKeyError(path: string, encrypted: boolean, error: unknown): Complaint {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // A wrong passphrase sometimes leaves bytes that look decrypted, which the decoder reports as UNSUPPORTED.
  if (encrypted && code.includes("EVP_UNSUPPORTED")) {
    return {
      message: `the private key ${whereIs(path)} is encrypted in a way that OpenSSL 3 no longer opens`,
      mend: `encrypt it anew: openssl pkey -provider legacy -provider default -in ${nameForCommand(path)} -aes256 -out <new file>`,
    };
  }
  if (encrypted) {
    return {
      message: `the passphrase does not open the private key ${whereIs(path)}`,
      mend: `try it: openssl pkey -in ${nameForCommand(path)} -noout`,
    };
  }
  return { message: `the private key ${whereIs(path)} is damaged`, mend: "export it again" };
}
