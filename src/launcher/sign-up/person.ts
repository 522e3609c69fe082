import { readDomain } from "../../push/address.ts";
import type { FormError, Language } from "../languages/texts.ts";
import { readPhoneNumber, type PhoneProblem, type PhoneRules } from "./phone-number.ts";
import { compact } from "../../push/compact.ts";

/** Person who signs up. */
export interface Person {
  readonly name: string;
  readonly email: string;
  /** International, with a leading plus. */
  readonly phone?: string;
  /** Language of messages to them; English if absent. */
  readonly language?: Language;
}

/** Contact by which a person is verified. */
export type Verified = "email" | "phone";

export const FORM_FIELDS = ["name", "phone", "email"] as const;
export type FormField = (typeof FORM_FIELDS)[number];
export type FormValues = Readonly<Record<FormField, string>>;
export type FormErrors = Readonly<Partial<Record<FormField, FormError>>>;

export interface PersonRules extends PhoneRules {
  readonly verify: Verified;
}

export type PersonReading = { readonly person: Person } | { readonly errors: FormErrors };

const LONGEST_NAME = 100;
const LONGEST_EMAIL = 254;

export function readPerson(values: FormValues, rules: PersonRules): PersonReading {
  const name = values.name.trim().replaceAll(/\s+/gu, " ");
  const email = readEmail(values.email);
  const typed = values.phone.trim();
  const phone = readPhoneNumber(typed, rules);
  const isNeeded = typed !== "" || rules.verify === "phone";
  const errors: FormErrors = compact({
    name: isName(name) ? undefined : name === "" ? "nameMissing" : "nameSigns",
    phone: "problem" in phone && isNeeded ? phoneError(phone.problem, rules) : undefined,
    email: email === undefined ? "email" : undefined,
  });
  if (Object.keys(errors).length > 0 || email === undefined) return { errors };
  return { person: compact({ name, email, phone: "number" in phone ? phone.number : undefined }) };
}

function isName(name: string): boolean {
  return name !== "" && name.length <= LONGEST_NAME && !/[\p{Cc}\p{Cs}<>"]/u.test(name);
}

function phoneError(problem: PhoneProblem, { countryCode }: PersonRules): FormError {
  if (problem === "country_not_allowed") return "phoneCountry";
  return countryCode === undefined ? "phoneInternational" : "phoneNational";
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
