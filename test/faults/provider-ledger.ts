import type { Behaviour } from "../../src/simulator/behaviour.ts";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import type { ProviderEntry } from "./ledgers.ts";

/** Requests that Apple and Google received, as their simulator recorded them before it answered. */
export interface ProviderLedger {
  /** For the simulator's `onAttempt`. */
  record(attempt: Attempt): void;
  /** Records the simulator's behaviour for every token from now on. */
  noteBehaviour(behaviour: Behaviour): void;
  /** Called for each entry at once, before the provider answers. */
  onEntry(listener: (entry: ProviderEntry) => void): void;
  entries(): readonly ProviderEntry[];
  /** Number of requests that the provider has accepted but not answered yet. */
  unanswered(now: number): number;
}

export function createProviderLedger(): ProviderLedger {
  const entries: ProviderEntry[] = [];
  let delayMs = 0;
  let tell: ((entry: ProviderEntry) => void) | undefined;

  return {
    record(attempt) {
      if (attempt.provider !== "apns" && attempt.provider !== "fcm") return;
      const entry = readAttempt(attempt, attempt.provider, delayMs);
      entries.push(entry);
      tell?.(entry);
    },
    noteBehaviour(behaviour) {
      delayMs = behaviour.delayMs ?? 0;
    },
    onEntry(listener) {
      tell = listener;
    },
    entries: () => entries,
    unanswered: (now) => entries.filter(({ accepted, answeredAt }) => accepted && answeredAt > now).length,
  };
}

function readAttempt(attempt: Attempt, provider: "apns" | "fcm", delayMs: number): ProviderEntry {
  const { token, messageId, receivedAt, fate, answer, payload } = attempt;
  const data = readData(provider, payload);
  const isAnswered = answer.transport === "answer" || answer.transport === "goaway-after-answer";
  return {
    pushId: data.push_id ?? "",
    key: data.client_key ?? "",
    provider,
    token,
    ...(provider === "apns" ? { apnsId: messageId } : {}),
    receivedAt,
    answeredAt: isAnswered ? receivedAt + delayMs : Infinity,
    // Apple accepts an expired push as well and drops it. For the gateway both are the same.
    accepted: fate === "delivered" || fate === "expired",
  };
}

interface AppData {
  readonly push_id?: string;
  readonly client_key?: string;
}

function readData(provider: "apns" | "fcm", payload: unknown): AppData {
  if (provider === "apns") return payload as AppData;
  return (payload as { readonly message?: { readonly data?: AppData } }).message?.data ?? {};
}
