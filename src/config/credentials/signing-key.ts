import type { KeyObject } from "node:crypto";
import type { CredentialDeps } from "./certificate-pair.ts";
import { readCredentialText } from "./credential-text.ts";
import { whereIs } from "./inline-credential.ts";
import { findPrivateKey } from "../../certificates/pem.ts";
import { describeNoPem, openPrivateKey } from "./pem.ts";

export interface SigningKeyQuestion {
  readonly section: object;
  readonly key: string;
  readonly path: string;
  readonly passphrase: string | undefined;
  readonly passphraseKey: string;
}

/** Returns Apple's signing key as unencrypted PEM. It must be EC P-256, the only curve of ES256. */
export function readSigningKey(question: SigningKeyQuestion, deps: CredentialDeps): string | undefined {
  const { section, key, path: name } = question;
  const file = deps.files.readCredential(section, key, name);
  if (!file) return undefined;
  const pem = findPrivateKey(readCredentialText(file.bytes));
  if (pem === undefined) {
    deps.files.refuse(section, key, describeNoPem("private key", file.path, file.bytes));
    return undefined;
  }
  deps.files.warnIfOpen(section, key, file);
  const opened = openPrivateKey({ ...question, pem, path: file.path });
  if ("complaint" in opened) {
    deps.files.refuse(section, key, opened.complaint);
    return undefined;
  }
  if (curveOf(opened.key) === "prime256v1") return String(opened.key.export({ format: "pem", type: "pkcs8" }));
  deps.files.refuse(section, key, {
    message: `the key ${whereIs(file.path)} is ${describeKey(opened.key)}; Apple's signing keys are EC P-256`,
    mend: "name the .p8 file from Apple's developer site (Certificates, Identifiers & Profiles, Keys)",
  });
  return undefined;
}

function curveOf(key: KeyObject): string | undefined {
  return key.asymmetricKeyType === "ec" ? key.asymmetricKeyDetails?.namedCurve : undefined;
}

function describeKey(key: KeyObject): string {
  return curveOf(key) === undefined ? `of type ${key.asymmetricKeyType}` : `EC ${curveOf(key)}`;
}
