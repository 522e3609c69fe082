import { X509Certificate, type KeyObject } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { Complaint, Report } from "../reading/report.ts";
import { readCredentialText } from "./credential-text.ts";
import { whereIs } from "./inline-credential.ts";
import { findCertificates, findPrivateKey } from "../../certificates/pem.ts";
import { describeNoPem, openPrivateKey } from "./pem.ts";
import type { SettingFile } from "./files.ts";
import type { SettingFiles } from "./setting-files.ts";
import { compact } from "../../push/compact.ts";

/** A certificate and private key that TLS accepts. */
export interface CertificatePair {
  /** PEM, including intermediate certificates in the file. */
  readonly certificate: string;
  /** PEM, encrypted if there is a passphrase. */
  readonly key: string;
  readonly passphrase?: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly leaf: X509Certificate;
  /** The decrypted key. */
  readonly privateKey: KeyObject;
}

export interface PairQuestion {
  /** The section that names the files, and the names of the settings. */
  readonly section: object;
  readonly certificate: { readonly key: string; readonly path: string };
  /** Without a path the certificate's file must contain the key. */
  readonly privateKey: { readonly key: string; readonly path: string | undefined };
  readonly passphrase: string | undefined;
  readonly passphraseKey: string;
}

export interface CredentialDeps {
  readonly report: Report;
  readonly files: SettingFiles;
  readonly now: number;
}

export function readCertificatePair(question: PairQuestion, deps: CredentialDeps): CertificatePair | undefined {
  const { section, certificate, privateKey } = question;
  const { files } = deps;
  const certificateFile = files.readCredential(section, certificate.key, certificate.path);
  const ownKeyFile = privateKey.path !== undefined && privateKey.path !== certificate.path;
  const keyFile = ownKeyFile ? files.readCredential(section, privateKey.key, privateKey.path) : certificateFile;
  const chain = certificateFile && readChain(question, certificateFile, deps);
  const keyPem = keyFile && readKeyPem(question, keyFile, deps);
  if (!certificateFile || !keyFile || !chain || keyPem === undefined) return undefined;
  const pair = compact({
    certificate: chain.pem,
    key: keyPem,
    passphrase: question.passphrase,
    certificateFile: certificateFile.path,
    keyFile: keyFile.path,
    leaf: chain.leaf,
  });
  const opened = checkPair(question, pair, deps);
  return opened && chain.isValid ? { ...pair, privateKey: opened } : undefined;
}

function readChain(
  { section, certificate: { key } }: PairQuestion,
  file: SettingFile,
  { report, files, now }: CredentialDeps,
): { pem: string; leaf: X509Certificate; isValid: boolean } | undefined {
  const { path, bytes } = file;
  const certificates = findCertificates(readCredentialText(bytes));
  const [first] = certificates;
  if (first === undefined) {
    files.refuse(section, key, describeNoPem("certificate", path, bytes));
    return undefined;
  }
  const leaf = openCertificate(first);
  if (!leaf) {
    files.refuse(section, key, { message: `the certificate ${whereIs(path)} is damaged`, mend: "export it again" });
    return undefined;
  }
  const validity = readValidity(leaf, now);
  if (validity !== undefined) {
    const complaint = { message: `the certificate ${whereIs(path)} ${validity.message}`, mend: validity.mend };
    if (validity.isUsable || file.isInForce === true) report.warning(section, key, complaint);
    else files.refuse(section, key, complaint);
  }
  const isValid = validity === undefined || validity.isUsable || file.isInForce === true;
  return { pem: `${certificates.join("\n")}\n`, leaf, isValid };
}

function openCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const DAY_MS = 86_400_000;
const WARN_BEFORE_DAYS = 30;

/** Returns a complaint about the validity period of a certificate, or undefined if there is none. */
function readValidity(leaf: X509Certificate, now: number): (Complaint & { isUsable: boolean }) | undefined {
  const from = leaf.validFromDate.getTime();
  const to = leaf.validToDate.getTime();
  const mend = "renew it, and put the new one in its place";
  if (to <= now) return { message: `expired on ${day(to)}`, mend, isUsable: false };
  if (from > now) {
    return {
      message: `is not valid before ${day(from)}`,
      mend: "check this machine's clock, or wait",
      isUsable: false,
    };
  }
  if (to - now >= WARN_BEFORE_DAYS * DAY_MS) return undefined;
  const days = Math.floor((to - now) / DAY_MS);
  return { message: `expires on ${day(to)}, in ${days} days`, mend, isUsable: true };
}

function day(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

function readKeyPem(
  { section, certificate, privateKey }: PairQuestion,
  file: SettingFile,
  { report, files }: CredentialDeps,
): string | undefined {
  const text = readCredentialText(file.bytes);
  const pem = findPrivateKey(text);
  if (pem !== undefined) {
    files.warnIfOpen(section, privateKey.path === undefined ? certificate.key : privateKey.key, file);
    return pem;
  }
  if (privateKey.path !== undefined) {
    files.refuse(section, privateKey.key, describeNoPem("private key", file.path, file.bytes));
  } else if (findCertificates(text).length > 0) {
    const message = `is missing, and ${file.path} holds no private key either`;
    if (report.isExcused(section, privateKey.key)) return undefined;
    files.refuse(section, privateKey.key, { message, mend: `write ${privateKey.key}: and the path of the key's file` });
  }
  return undefined;
}

/** Returns the private key if it can be opened and TLS accepts both. */
function checkPair(
  question: PairQuestion,
  pair: Omit<CertificatePair, "privateKey">,
  { files }: CredentialDeps,
): KeyObject | undefined {
  const { section, certificate, privateKey, passphrase, passphraseKey } = question;
  const keyName = privateKey.path === undefined ? certificate.key : privateKey.key;
  const opened = openPrivateKey({ pem: pair.key, path: pair.keyFile, passphrase, passphraseKey });
  if ("complaint" in opened) {
    files.refuse(section, keyName, opened.complaint);
    return undefined;
  }
  if (!pair.leaf.checkPrivateKey(opened.key)) {
    files.refuse(section, keyName, {
      message: `the private key ${whereIs(pair.keyFile)} does not belong to the certificate ${whereIs(pair.certificateFile)}`,
      mend: "name the key that the certificate was requested with (in a chain, the own certificate comes first)",
    });
    return undefined;
  }
  try {
    createSecureContext(compact({ cert: pair.certificate, key: pair.key, passphrase }));
    return opened.key;
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const message = `TLS does not take the certificate ${whereIs(pair.certificateFile)} (${reason})`;
    files.refuse(section, certificate.key, { message, mend: "have a new one issued, with a key of 2048 bits or more" });
    return undefined;
  }
}
