import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { compact } from "../../push/compact.ts";

export interface PhoneRules {
  /** Country calling code without plus, for numbers in national form. */
  readonly countryCode?: string | undefined;
  /** Two-letter codes of the countries that numbers may belong to; undefined for all. */
  readonly allowedCountries?: readonly string[] | undefined;
}

export type PhoneProblem = "not_a_number" | "country_not_allowed";
export type PhoneReading = { readonly number: string } | { readonly problem: PhoneProblem };

/** Reads an international number (ITU-T E.164, with plus) from a typed text, by the numbering plan of its country. */
export function readPhoneNumber(text: string, { countryCode, allowedCountries }: PhoneRules): PhoneReading {
  // Without a country the library does not know the prefix 00, which nearly all countries dial.
  const typed = text.trim().replace(/^00/, "+");
  const isPlain = /^[+\d\s().\-/]+$/.test(typed) && !/[\r\n\t]/.test(typed);
  const phone = isPlain
    ? parsePhoneNumberFromString(
        typed,
        compact({
          extract: false,
          defaultCallingCode: countryCode,
        }),
      )
    : undefined;
  if (phone === undefined || !phone.isValid()) return { problem: "not_a_number" };
  const { country, number } = phone;
  const isAllowed = allowedCountries === undefined || (country !== undefined && allowedCountries.includes(country));
  return isAllowed ? { number } : { problem: "country_not_allowed" };
}
