/** What programs write for a value that they do not have, each in its own way. */
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

/** Whether a name, a number, an address or an id says nothing: it is empty, blank or a placeholder. */
export function isNotGiven(text: string): boolean {
  const bare = text.trim();
  return bare === "" || PLACEHOLDERS.has(bare);
}

/** The text without blanks around it; undefined if it says nothing. */
export function readGiven(text: string | undefined): string | undefined {
  return text === undefined || isNotGiven(text) ? undefined : text.trim();
}

/** Members of a push's data that name somebody: a placeholder there would be shown to a person. */
const NAMING = /^(?:sender_|room_|display_name$|caller)/;

/** A message may consist of the word `nil`; a sender's name is then unknown. */
export function isDataGiven(name: string, value: string): boolean {
  return !NAMING.test(name) || !isNotGiven(value);
}
