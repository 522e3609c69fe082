import { createCipheriv, createDecipheriv } from "node:crypto";
import {
  CREDENTIAL_FIELDS,
  findFault,
  readCredentials,
  writeCredentials,
  type CredentialField,
  type LaunchCredentials,
} from "./launch-credentials.ts";

/** Key and IV that are built into the app, 16 ASCII characters each. */
export interface LinkSecret {
  readonly key: string;
  readonly iv: string;
}

/** Thrown if a value cannot be written into a link. */
export class UnlinkableError extends Error {
  override readonly name = "UnlinkableError";
  readonly code = "unlinkable";
  readonly field: CredentialField;

  constructor(field: CredentialField, fault: string) {
    super(`The ${field} ${fault}.`);
    this.field = field;
  }
}

/** The app's cipher. Node's padding is PKCS#5, too. */
const CIPHER = "aes-128-cbc";
const BLOCK_BYTES = 16;
const LONGEST_LINK = 2048;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Returns the link as Base64: append it to `sipphone://`, or escape it and append it to `?c=`. Throws UnlinkableError.
 */
export function encodeLink(credentials: LaunchCredentials, { key, iv }: LinkSecret): string {
  for (const field of CREDENTIAL_FIELDS) {
    const fault = findFault(field, credentials[field]);
    if (fault !== undefined) throw new UnlinkableError(field, fault);
  }
  const cipher = createCipheriv(CIPHER, key, iv);
  const link = Buffer.concat([cipher.update(writeCredentials(credentials), "utf8"), cipher.final()]).toString("base64");
  if (link.length > LONGEST_LINK) throw new UnlinkableError("password", "makes the link too long, with the other two");
  return link;
}

/**
 * Returns undefined for everything that `encodeLink` does not write. All faults get the same answer: the cipher has no
 * authentication, and a client that could distinguish wrong padding from wrong text could decrypt somebody else's link.
 */
export function decodeLink(link: string, { key, iv }: LinkSecret): LaunchCredentials | undefined {
  if (!isLink(link)) return undefined;
  const decipher = createDecipheriv(CIPHER, key, iv);
  try {
    const plain = Buffer.concat([decipher.update(link, "base64"), decipher.final()]);
    return readCredentials(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain));
  } catch {
    return undefined;
  }
}

/** Returns true if a text is canonical Base64 of whole blocks. Node's decoder alone accepts much more. */
export function isLink(text: string): boolean {
  if (text.length > LONGEST_LINK || !BASE64.test(text)) return false;
  const bytes = Buffer.from(text, "base64");
  return bytes.length % BLOCK_BYTES === 0 && bytes.toString("base64") === text;
}
