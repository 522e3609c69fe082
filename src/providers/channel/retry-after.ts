import { LONGEST_TOLD_PAUSE_MS } from "../../push/retry.ts";

/** Reads a Retry-After header, seconds or a date (RFC 9110 §10.2.3), as milliseconds from `now`. */
export function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_TOLD_PAUSE_MS) : undefined;
}
