/** Longer than any phone rings; a proxy's own timer ends it sooner. */
export const LONGEST_WAIT_SECONDS = 120;

/** For how many milliseconds the client would wait for the answer: `Prefer: wait=20` (RFC 7240 §4.3). Undefined where it would not. */
export function readWaitMs(header: string | string[] | undefined): number | undefined {
  const preferences = splitList([header ?? []].flat().join(","));
  for (const preference of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), LONGEST_WAIT_SECONDS) * 1000;
  }
  return undefined;
}

/** Splits at the commas that are not inside a quoted string (RFC 9110 §5.6.4). */
function splitList(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"?|[^",])+/g) ?? [];
}
