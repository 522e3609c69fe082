/** A quoted text, or one character that stands outside of any. */
export interface JsonToken {
  readonly text: string;
  /** Behind its last character. */
  readonly end: number;
}

/** Looks at each character once, whatever it is; a quoted text that is not closed reaches to the end. */
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
