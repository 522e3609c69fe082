import type { CredentialDeps } from "./certificate-pair.ts";

export interface GivenSecret {
  readonly value: string | undefined;
  /** Path of the setting. */
  readonly path: string;
}

/** Reads a secret given as `key`, or as the content of a file named by `key_file`. */
export function readSecretSetting(
  section: object,
  key: string,
  given: { readonly value: string | undefined; readonly file: string | undefined },
  { report, files }: CredentialDeps,
): GivenSecret {
  const path = report.pathOf(section, key);
  const fileKey = `${key}_file`;
  if (given.value !== undefined && given.file !== undefined) {
    report.error(section, fileKey, { message: `${key} is given as well`, mend: "keep one of the two" });
  }
  if (given.value !== undefined || given.file === undefined) return { value: given.value, path };
  return { value: files.readSecret(section, fileKey, given.file), path };
}

interface KeyPassphraseSettings {
  readonly key_passphrase?: string;
  readonly key_passphrase_file?: string;
}

export function readKeyPassphrase(section: KeyPassphraseSettings, deps: CredentialDeps): GivenSecret {
  const given = { value: section.key_passphrase, file: section.key_passphrase_file };
  return readSecretSetting(section, "key_passphrase", given, deps);
}
