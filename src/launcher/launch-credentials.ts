import { readDomain } from "../push/address.ts";

/** What the app needs to log a subscriber in. */
export interface LaunchCredentials {
  readonly username: string;
  /** The SIP domain. */
  readonly server: string;
  readonly password: string;
}

export const CREDENTIAL_FIELDS = ["username", "server", "password"] as const;
export type CredentialField = (typeof CREDENTIAL_FIELDS)[number];

/** Controls, line and paragraph separators, and halves of characters: no keyboard writes them, and an app may stop at one. */
const UNWRITABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const LONGEST = 255;

/** Why a value cannot stand in a link, in words that complete "The password …"; undefined where it can. */
export function findFault(field: CredentialField, value: string): string | undefined {
  if (value === "") return "is empty";
  if (value.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (UNWRITABLE.test(value)) return "contains a control character or a line break";
  // The form has no escapes: behind it another field would begin.
  if (value.includes("&")) return "contains &, which the link's form has no way to write";
  // The apps that read the link take ASCII alone: an internationalised name has to be given as xn--….
  if (field === "server" && readDomain(value) !== value.toLowerCase()) return "is no host name";
  return undefined;
}

/** The handbook's form, without escapes: an app may or may not undo them. */
export function writeCredentials({ username, server, password }: LaunchCredentials): string {
  return `username=${username}&server=${server}&password=${password}`;
}

const FORM = /^username=([^&]*)&server=([^&]*)&password=([^&]*)$/su;

/** Reads the handbook's form; undefined if the text is not exactly that. */
export function readCredentials(text: string): LaunchCredentials | undefined {
  const [, username = "", server = "", password = ""] = FORM.exec(text) ?? [];
  const credentials = { username, server, password };
  const isWhole = CREDENTIAL_FIELDS.every((field) => findFault(field, credentials[field]) === undefined);
  return isWhole ? credentials : undefined;
}
