/** A quoted text, or one character outside of quotes. */
export interface JsonToken {
  readonly text: string;
  /** Index after its last character. */
  readonly end: number;
}

/** Splits a text in linear time, whatever it contains. A quoted text that is not closed extends to the end. */
export function listJsonTokens(text: string): readonly JsonToken[] {
  const tokens: JsonToken[] = [];
  for (let at = 0; at < text.length;) {
    const end = text[at] === '"' ? endOfString(text, at) : at + 1;
    const token = text.slice(at, end);
    if (token.trim() !== "") tokens.push({ text: token, end });
    at = end;
  }
  return tokens;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
