import { readDomain } from "../../push/address.ts";
import { readPhoneNumber } from "./phone-number.ts";

/** Person who signs up. */
export interface Person {
  readonly name: string;
  readonly email: string;
  /** International, with a leading plus. */
  readonly phone?: string;
}

/** Contact by which a person is verified. */
export type Verified = "email" | "phone";

export const FORM_FIELDS = ["name", "phone", "email"] as const;
export type FormField = (typeof FORM_FIELDS)[number];
export type FormValues = Readonly<Record<FormField, string>>;
export type FormErrors = Readonly<Partial<Record<FormField, string>>>;

export interface PersonRules {
  readonly verify: Verified;
  /** Country calling code without plus, for numbers written in national form. */
  readonly countryCode?: string | undefined;
}

export type PersonReading = { readonly person: Person } | { readonly errors: FormErrors };

const LONGEST_NAME = 100;
const LONGEST_EMAIL = 254;

export function readPerson(values: FormValues, { verify, countryCode }: PersonRules): PersonReading {
  const name = values.name.trim().replaceAll(/\s+/gu, " ");
  const email = readEmail(values.email);
  const typed = values.phone.trim();
  const phone = readPhoneNumber(typed, countryCode);
  const isPhoneMissing = phone === undefined && (typed !== "" || verify === "phone");
  const errors: FormErrors = {
    ...(isName(name) ? {} : { name: name === "" ? "Enter your name." : "Enter your name, without special signs." }),
    ...(isPhoneMissing ? { phone: phoneError(countryCode) } : {}),
    ...(email === undefined ? { email: "Enter an e-mail address, like name@example.org." } : {}),
  };
  if (Object.keys(errors).length > 0 || email === undefined) return { errors };
  return { person: { name, email, ...(phone === undefined ? {} : { phone }) } };
}

function isName(name: string): boolean {
  return name !== "" && name.length <= LONGEST_NAME && !/[\p{Cc}\p{Cs}<>"]/u.test(name);
}

function phoneError(countryCode: string | undefined): string {
  return countryCode === undefined
    ? "Enter a phone number with its country code, like +43 664 1234567."
    : "Enter a phone number, like 0664 1234567 or +43 664 1234567.";
}

const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

function readEmail(text: string): string | undefined {
  const email = text.trim();
  const at = email.lastIndexOf("@");
  const domain = readDomain(email.slice(at + 1));
  const isWhole = at > 0 && LOCAL_PART.test(email.slice(0, at)) && domain?.includes(".") && !domain.includes("[");
  return isWhole && email.length <= LONGEST_EMAIL ? email : undefined;
}

/** Returns the canonical form of the verified contact. Two sign-ups with the same key are the same person. */
export function contactKey({ email, phone }: Person, verify: Verified): string {
  return verify === "email" ? `email:${email.toLowerCase()}` : `phone:${phone ?? ""}`;
}

/** Splits a name; the last word is taken as the family name. */
export function splitName(name: string): { readonly firstname: string; readonly lastname: string } {
  const at = name.lastIndexOf(" ");
  return { firstname: at < 0 ? "" : name.slice(0, at), lastname: name.slice(at + 1) };
}
