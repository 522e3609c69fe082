import type { ApnsEnvironment } from "../certificates/apple-rights.ts";
import type { Transport } from "./behaviour.ts";

export type SimulatedProvider = "apns" | "fcm" | "gcm" | "oauth";

/**
 * Fate of one request.
 * - `delivered`: the phone has it.
 * - `expired`: accepted, but its expiration was in the past, so the phone never gets it.
 * - `validated`: a dry run.
 * - `refused`: the answer is an error.
 * - `lost`: never processed nor answered.
 */
export type Fate = "delivered" | "expired" | "validated" | "refused" | "lost";

/** One request that arrived completely, with its fate. */
export interface Attempt {
  readonly provider: SimulatedProvider;
  /** Set for APNs only. */
  readonly environment?: ApnsEnvironment;
  /** Empty if the request named none. */
  readonly token: string;
  /** Without pseudo-headers and `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body, or its text if it is not JSON. */
  readonly payload: unknown;
  /** APNs: the apns-id. FCM: the message name. */
  readonly messageId: string;
  /** Number of the HTTP/2 connection. */
  readonly connection?: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly fate: Fate;
  readonly answer: { readonly status?: number; readonly reason?: string; readonly transport: Transport };
}

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

type Predicate = (attempt: Attempt) => boolean;

export interface Mailbox {
  /** Pushes that reached phones, oldest first. */
  deliveries(): readonly Attempt[];
  /** All complete requests, oldest first. */
  attempts(): readonly Attempt[];
  /** Resolves with the first matching delivery, past or future. Rejects after the timeout. */
  waitFor(predicate: Predicate, options?: WaitOptions): Promise<Attempt>;
  waitForAttempt(predicate: Predicate, options?: WaitOptions): Promise<Attempt>;
  record(attempt: Attempt): void;
  clear(): void;
}

export class MailboxTimeoutError extends Error {
  override readonly name = "MailboxTimeoutError";
  readonly code = "mailbox_timeout";
}

export interface MailboxOptions {
  /** Number of deliveries, and of attempts, to keep. The oldest are dropped first. */
  readonly capacity?: number | undefined;
  readonly onAttempt?: ((attempt: Attempt) => void) | undefined;
}

const DEFAULT_TIMEOUT_MS = 5_000;

export function createMailbox({ capacity = 100_000, onAttempt }: MailboxOptions = {}): Mailbox {
  const deliveries = createJournal("a delivery", capacity);
  const attempts = createJournal("an attempt", capacity);
  return {
    deliveries: () => deliveries.list(),
    attempts: () => attempts.list(),
    waitFor: (predicate, options) => deliveries.waitFor(predicate, options),
    waitForAttempt: (predicate, options) => attempts.waitFor(predicate, options),
    record(attempt) {
      attempts.add(attempt);
      if (attempt.fate === "delivered") deliveries.add(attempt);
      onAttempt?.(attempt);
    },
    clear() {
      deliveries.clear();
      attempts.clear();
    },
  };
}

interface Journal {
  add(attempt: Attempt): void;
  list(): readonly Attempt[];
  clear(): void;
  waitFor(predicate: Predicate, options?: WaitOptions): Promise<Attempt>;
}

function createJournal(what: string, capacity: number): Journal {
  const entries: Attempt[] = [];
  const waiting = new Set<(attempt: Attempt) => void>();

  function waitFor(
    predicate: Predicate,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: WaitOptions = {},
  ): Promise<Attempt> {
    const past = entries.find(predicate);
    if (past !== undefined) return Promise.resolve(past);
    const { promise, resolve, reject } = Promise.withResolvers<Attempt>();
    const timer = setTimeout(() => reject(timeoutOf(what, timeoutMs, entries.length)), timeoutMs);
    const onAbort = () => reject(new Error(`Waiting for ${what} was given up`, { cause: signal?.reason }));
    const onEntry = (attempt: Attempt) => {
      if (predicate(attempt)) resolve(attempt);
    };
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort);
    waiting.add(onEntry);
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      waiting.delete(onEntry);
    });
  }

  return {
    add(attempt) {
      entries.push(attempt);
      // Removes entries in blocks: shifting a long array at each push would cost more than the push.
      if (entries.length > capacity * 1.1 + 1) entries.splice(0, entries.length - capacity);
      for (const onEntry of waiting) onEntry(attempt);
    },
    list: () => entries.slice(-capacity),
    clear: () => void entries.splice(0),
    waitFor,
  };
}

function timeoutOf(what: string, timeoutMs: number, seen: number): MailboxTimeoutError {
  return new MailboxTimeoutError(
    `Waited for ${what} that matches, but none reached the simulator within ${timeoutMs} ms (${seen} others did); see mailbox.attempts() for what was answered`,
  );
}
