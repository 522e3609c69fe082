/**
 * Returns the international number (ITU-T E.164, with plus) in a typed text, or undefined if it is not a number.
 * `countryCode` replaces a leading zero.
 */
export function readPhoneNumber(text: string, countryCode: string | undefined): string | undefined {
  // "+43 (0)664 …": the zero is only for calls within the country.
  const bare = text.replace("(0)", "").replaceAll(/[\s().\-/]/g, "");
  const digits = bare.replace(/^00/, "+");
  const number = digits.startsWith("0") && countryCode !== undefined ? `+${countryCode}${digits.slice(1)}` : digits;
  return /^\+[1-9]\d{7,14}$/.test(number) ? number : undefined;
}
