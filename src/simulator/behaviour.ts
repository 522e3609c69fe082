import type { ApnsEnvironment } from "../certificates/apple-rights.ts";
import type { AnswerShape } from "./exchange.ts";

/**
 * Ways to treat the connection. Over HTTP/1.1 all but `answer` drop the connection.
 * - `silent`: the push is swallowed and never answered.
 * - `lose-answer`: the push is delivered but never answered; with `rstCode` its stream is reset.
 * - `refuse-stream`: RST_STREAM(REFUSED_STREAM), not processed.
 * - `reset-stream`: RST_STREAM with `rstCode`, not processed, which the client cannot know.
 * - `goaway-after-answer`: answered, then GOAWAY.
 * - `goaway-unprocessed`: GOAWAY whose last stream id is before this request.
 * - `drop-connection`: the socket closes.
 */
export const TRANSPORTS = [
  "answer",
  "silent",
  "lose-answer",
  "refuse-stream",
  "reset-stream",
  "goaway-after-answer",
  "goaway-unprocessed",
  "drop-connection",
] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Scripted treatment of a request that is valid in itself. */
export interface Behaviour {
  /** HTTP status; required only if `reason` does not imply one. */
  readonly status?: number;
  /** APNs reason, FcmError code or google.rpc status, GCM error string. */
  readonly reason?: string;
  /** Epoch milliseconds in the body of a 410. */
  readonly timestamp?: number;
  readonly retryAfterSeconds?: number;
  /** The header's text, for values other than a plain number: a date, a negative or huge number, words. */
  readonly retryAfter?: string;
  /** Delays the answer. The push itself is processed at once. */
  readonly delayMs?: number;
  readonly transport?: Transport;
  /** HTTP/2 error code of the GOAWAY; 0 by default. */
  readonly goawayCode?: number;
  /** HTTP/2 error code of the RST_STREAM; INTERNAL_ERROR by default. */
  readonly rstCode?: number;
  /** Replaces the answer's body. */
  readonly body?: string;
  /** Replaces the answer's body with this number of meaningless bytes. */
  readonly bodyBytes?: number;
  readonly shape?: AnswerShape;
  /** Applies to the first of every `oneIn` requests. The others are answered as usual. */
  readonly oneIn?: number;
  /** Number of requests to which this behaviour applies before the next one takes over; no limit by default. */
  readonly times?: number;
}

/** Facts that the provider knows about a token. */
export interface TokenFacts {
  /** The token's environment. In the other one it is a `BadDeviceToken`. */
  readonly environment?: ApnsEnvironment;
  /** Topic of the token, with suffix. Any other topic is `DeviceTokenNotForTopic`. */
  readonly topic?: string;
  /** Firebase project of the token. Any other project gets `SENDER_ID_MISMATCH`. */
  readonly projectId?: string;
  /** GCM answers with this token as the one to use from now on. */
  readonly canonicalToken?: string;
}

export interface TokenInstructions {
  readonly behaviours: readonly Behaviour[];
  readonly facts: TokenFacts;
}

export interface TokenBook {
  /** Replaces the token's script. The behaviours follow each other, each as often as its `times` says. */
  script(token: string, ...behaviours: readonly Behaviour[]): void;
  setFacts(token: string, facts: TokenFacts): void;
  facts(token: string): TokenFacts;
  /** Returns the behaviour for this request and counts it as used. */
  take(token: string): Behaviour | undefined;
  forget(token: string): boolean;
  list(): ReadonlyMap<string, TokenInstructions>;
}

/** Key of the script for every token that has none of its own. */
export const ANY_TOKEN = "*";
/** Key of the script for Google's OAuth token endpoint. */
export const OAUTH_TOKEN = "oauth";

interface Step {
  readonly behaviour: Behaviour;
  left: number;
  asked: number;
}

interface Entry {
  readonly steps: Step[];
  readonly facts: TokenFacts;
}

const NO_FACTS: TokenFacts = {};
const USUAL: Behaviour = {};

export function createTokenBook(): TokenBook {
  const entries = new Map<string, Entry>();

  function takeFrom(entry: Entry | undefined): Behaviour | undefined {
    const step = entry?.steps[0];
    if (step === undefined) return undefined;
    step.left -= 1;
    if (step.left <= 0) entry?.steps.shift();
    step.asked += 1;
    const isSpared = (step.asked - 1) % (step.behaviour.oneIn ?? 1) !== 0;
    return isSpared ? USUAL : step.behaviour;
  }

  return {
    script(token, ...behaviours) {
      const steps = behaviours.map((behaviour) => ({ behaviour, left: behaviour.times ?? Infinity, asked: 0 }));
      entries.set(keyOf(token), { steps, facts: entries.get(keyOf(token))?.facts ?? NO_FACTS });
    },
    setFacts(token, facts) {
      entries.set(keyOf(token), { steps: entries.get(keyOf(token))?.steps ?? [], facts });
    },
    facts: (token) => entries.get(keyOf(token))?.facts ?? NO_FACTS,
    take: (token) => takeFrom(entries.get(keyOf(token))) ?? takeFrom(entries.get(ANY_TOKEN)),
    forget: (token) => entries.delete(keyOf(token)),
    list: () => new Map([...entries].map(([token, entry]) => [token, describeEntry(entry)])),
  };
}

function describeEntry({ steps, facts }: Entry): TokenInstructions {
  const behaviours = steps.map(({ behaviour, left }) =>
    left === Infinity ? behaviour : { ...behaviour, times: left },
  );
  return { behaviours, facts };
}

/**
 * Returns the map key of a token. Apple's tokens are hex in either case; Google's are case-sensitive and never only
 * hex.
 */
function keyOf(token: string): string {
  return /^[0-9a-f]+$/i.test(token) ? token.toLowerCase() : token;
}
