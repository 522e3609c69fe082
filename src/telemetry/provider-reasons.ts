import { PROVIDERS } from "../providers/providers.ts";
import { ATTEMPT_EXPLANATIONS } from "../push/explanations/gateway.ts";
import { UNREACHED_EXPLANATIONS } from "../push/explanations/unreached.ts";

/** Reasons that the providers document, in their spelling, and the gateway's own. */
const KNOWN_WORDS: ReadonlySet<string> = new Set(
  [...PROVIDERS.map(({ explanations }) => explanations), UNREACHED_EXPLANATIONS, ATTEMPT_EXPLANATIONS].flatMap(
    (words) => Object.keys(words).toSorted(),
  ),
);

/** Reasons of answers that state none. */
const HTTP_STATUSES = [400, 401, 403, 404, 405, 407, 408, 410, 413, 429, 500, 502, 503, 504].map(
  (status) => `HTTP ${status}`,
);

/** Reasons with a counter of their own. Any other is counted as `other`; the log has it in full. */
export const PROVIDER_REASONS: readonly string[] = [...KNOWN_WORDS, ...HTTP_STATUSES];

/** Returns true if an outcome table has the reason, false if the answer was judged by its status alone. */
export function isKnownWord(reason: string): boolean {
  return KNOWN_WORDS.has(reason);
}
