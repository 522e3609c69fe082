/** Placeholders that programs write for a missing value. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "null",
  "NULL",
  "<null>",
  "(null)",
  "nil",
  "None",
  "undefined",
  "_undef_",
  "<unknown>",
]);

/** Returns true if a name, number, address or id is missing: empty, blank or a placeholder. */
export function isNotGiven(text: string): boolean {
  const bare = text.trim();
  return bare === "" || PLACEHOLDERS.has(bare);
}

/** Returns the trimmed text, or undefined if the value is missing. */
export function readGiven(text: string | undefined): string | undefined {
  return text === undefined || isNotGiven(text) ? undefined : text.trim();
}

/** Data members that name a person. A placeholder in them would be shown to the user. */
const NAMING = /^(?:sender_|room_|display_name$|caller)/;

/** Returns false for a placeholder in a name. The text of a message may really be `nil`. */
export function isDataGiven(name: string, value: string): boolean {
  return !NAMING.test(name) || !isNotGiven(value);
}
