/** Longer than any phone rings. A proxy's own timer ends the wait earlier. */
export const LONGEST_WAIT_SECONDS = 120;

/**
 * Returns how many milliseconds the client is willing to wait, from `Prefer: wait=20` (RFC 7240 §4.3), or undefined.
 */
export function readWaitMs(header: string | string[] | undefined): number | undefined {
  const preferences = splitList([header ?? []].flat().join(","));
  for (const preference of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), LONGEST_WAIT_SECONDS) * 1000;
  }
  return undefined;
}

/** Splits at commas outside quoted strings (RFC 9110 §5.6.4). */
function splitList(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"?|[^",])+/g) ?? [];
}
