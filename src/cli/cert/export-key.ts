import type { KeyObject } from "node:crypto";

/** Returns the key as PKCS#8 in PEM, encrypted if there is a passphrase. */
export function exportKey(key: KeyObject, passphrase: string | undefined): string {
  const form = { format: "pem", type: "pkcs8" } as const;
  return passphrase === undefined
    ? key.export(form).toString()
    : key.export({ ...form, cipher: "aes-256-cbc", passphrase }).toString();
}
