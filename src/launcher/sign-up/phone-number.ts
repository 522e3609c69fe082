/**
 * An international number with its plus (ITU-T E.164), from what people type. `countryCode` stands in for a leading zero. Undefined if it is
 * no number.
 */
export function readPhoneNumber(text: string, countryCode: string | undefined): string | undefined {
  // "+43 (0)664 …": the zero is for callers from within the country.
  const bare = text.replace("(0)", "").replaceAll(/[\s().\-/]/g, "");
  const digits = bare.replace(/^00/, "+");
  const number = digits.startsWith("0") && countryCode !== undefined ? `+${countryCode}${digits.slice(1)}` : digits;
  return /^\+[1-9]\d{7,14}$/.test(number) ? number : undefined;
}
