import type { ApnsEnvironment } from "../certificates/apple-rights.ts";
import type { AnswerShape } from "./exchange.ts";

/**
 * What happens to the connection. `silent`: the push is swallowed and never answered. `lose-answer`: the push is
 * delivered but never answered; with `rstCode` its stream is reset. `refuse-stream`: RST_STREAM(REFUSED_STREAM), not processed.
 * `reset-stream`: RST_STREAM with `rstCode`, not processed either, though the client cannot know. `goaway-after-answer`:
 * answered, then GOAWAY. `goaway-unprocessed`: GOAWAY whose last stream id lies before this request.
 * `drop-connection`: the socket closes. Over HTTP/1.1 whatever is not an answer drops the connection.
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

/** What to do with a request that has nothing wrong in itself. */
export interface Behaviour {
  /** HTTP status; needed only where `reason` does not imply one. */
  readonly status?: number;
  /** APNs reason, FcmError code or google.rpc status, GCM error string. */
  readonly reason?: string;
  /** Epoch milliseconds in the body of a 410. */
  readonly timestamp?: number;
  readonly retryAfterSeconds?: number;
  /** The header as it stands, for what is no plain number: a date, a negative or a huge one, words. */
  readonly retryAfter?: string;
  /** The push is processed at once, its answer comes so much later. */
  readonly delayMs?: number;
  readonly transport?: Transport;
  /** HTTP/2 error code of the GOAWAY; 0 unless told. */
  readonly goawayCode?: number;
  /** HTTP/2 error code of the RST_STREAM; INTERNAL_ERROR unless told. */
  readonly rstCode?: number;
  /** In place of the answer's own body, whatever that is. */
  readonly body?: string;
  /** As `body`, but so many bytes that mean nothing. */
  readonly bodyBytes?: number;
  readonly shape?: AnswerShape;
  /** Happens to one request in so many, the first of them; the others are answered as usual. */
  readonly oneIn?: number;
  /** Holds for so many requests, then the next behaviour; for ever unless told. */
  readonly times?: number;
}

/** What the provider knows about a token. */
export interface TokenFacts {
  /** A token of the other environment is a `BadDeviceToken`. */
  readonly environment?: ApnsEnvironment;
  /** The topic it was issued for, suffix included; any other is `DeviceTokenNotForTopic`. */
  readonly topic?: string;
  /** The Firebase project it belongs to; any other gets `SENDER_ID_MISMATCH`. */
  readonly projectId?: string;
  /** GCM answers with this as the token to use from now on. */
  readonly canonicalToken?: string;
}

export interface TokenInstructions {
  readonly behaviours: readonly Behaviour[];
  readonly facts: TokenFacts;
}

export interface TokenBook {
  /** Replaces the token's script; the behaviours follow each other, each as often as its `times` says. */
  script(token: string, ...behaviours: readonly Behaviour[]): void;
  setFacts(token: string, facts: TokenFacts): void;
  facts(token: string): TokenFacts;
  /** The behaviour for this request, used up by asking. */
  take(token: string): Behaviour | undefined;
  forget(token: string): boolean;
  list(): ReadonlyMap<string, TokenInstructions>;
}

/** Stands for every token that has no script of its own. */
export const ANY_TOKEN = "*";
/** Stands for Google's OAuth token endpoint, which can be scripted like a device. */
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

/** Apple's tokens are hex in either case; Google's are case-sensitive and never hex alone. */
function keyOf(token: string): string {
  return /^[0-9a-f]+$/i.test(token) ? token.toLowerCase() : token;
}
