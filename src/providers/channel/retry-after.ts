/** Whole apps wait for what a provider says here: a slip of its must not cost more than this. */
const MAX_MS = 3_600_000;

/** Reads a Retry-After header, seconds or a date (RFC 9110 §10.2.3), as milliseconds from `now`. */
export function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_MS) : undefined;
}
