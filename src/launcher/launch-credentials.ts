import { readDomain } from "../push/address.ts";

/** Credentials with which the app logs a subscriber in. */
export interface LaunchCredentials {
  readonly username: string;
  /** SIP domain. */
  readonly server: string;
  readonly password: string;
}

export const CREDENTIAL_FIELDS = ["username", "server", "password"] as const;
export type CredentialField = (typeof CREDENTIAL_FIELDS)[number];

/**
 * Control characters, line and paragraph separators, and lone surrogates. No keyboard types them, and an app may stop
 * at one.
 */
const UNWRITABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const LONGEST = 255;

/** Returns why a value cannot be in a link, in words that complete "The password …", or undefined if it can. */
export function findFault(field: CredentialField, value: string): string | undefined {
  if (value === "") return "is empty";
  if (value.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (UNWRITABLE.test(value)) return "contains a control character or a line break";
  // The form has no escapes, so another field would begin after the `&`.
  if (value.includes("&")) return "contains &, which the link's form has no way to write";
  // Apps that read the link accept only ASCII. An internationalised name has to be given as xn--….
  if (field === "server" && readDomain(value) !== value.toLowerCase()) return "is not a host name";
  return undefined;
}

/** Writes the handbook's form without escapes, because apps may or may not decode them. */
export function writeCredentials({ username, server, password }: LaunchCredentials): string {
  return `username=${username}&server=${server}&password=${password}`;
}

const FORM = /^username=([^&]*)&server=([^&]*)&password=([^&]*)$/su;

/** Reads the handbook's form. Returns undefined if the text does not match it exactly. */
export function readCredentials(text: string): LaunchCredentials | undefined {
  const [, username = "", server = "", password = ""] = FORM.exec(text) ?? [];
  const credentials = { username, server, password };
  const isWhole = CREDENTIAL_FIELDS.every((field) => findFault(field, credentials[field]) === undefined);
  return isWhole ? credentials : undefined;
}
