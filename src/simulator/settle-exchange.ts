import type { ApnsEnvironment } from "../certificates/apple-rights.ts";
import type { Behaviour } from "./behaviour.ts";
import { publicHeaders, type Answer, type Exchange } from "./exchange.ts";
import type { Attempt, Fate, Mailbox, SimulatedProvider } from "./mailbox.ts";
import { losesRequest, playBehaviour } from "./play-behaviour.ts";

/** A provider's decision about one request. */
export interface Verdict {
  readonly provider: SimulatedProvider;
  readonly environment?: ApnsEnvironment;
  readonly payload: unknown;
  readonly answer: Answer;
  readonly behaviour?: Behaviour | undefined;
  /** One entry for each device that the request names. */
  readonly entries: readonly VerdictEntry[];
}

export interface VerdictEntry {
  readonly token: string;
  readonly messageId: string;
  readonly fate: Fate;
  readonly reason?: string | undefined;
}

/** Records the attempt and then answers, so that a client with the answer finds the delivery in the mailbox. */
export async function settleExchange(
  { mailbox, signal }: { readonly mailbox: Mailbox; readonly signal: AbortSignal },
  exchange: Exchange,
  verdict: Verdict & { readonly receivedAt: number },
): Promise<void> {
  // A client that has disconnected will repeat the request, so this one must not count as delivered.
  if (exchange.abandoned || signal.aborted) return;
  const { answer, behaviour, entries, provider, environment, payload, receivedAt } = verdict;
  const headers = publicHeaders(exchange.headers);
  for (const { token, messageId, fate, reason } of entries) {
    mailbox.record({
      provider,
      ...(environment === undefined ? {} : { environment }),
      token,
      headers,
      payload,
      messageId,
      ...(exchange.connectionId === undefined ? {} : { connection: exchange.connectionId }),
      receivedAt,
      fate: losesRequest(behaviour) ? "lost" : fate,
      answer: describeAnswer(answer.status, behaviour, reason),
    });
  }
  await playBehaviour({ exchange, behaviour, answer, signal });
}

function describeAnswer(
  status: number,
  behaviour: Behaviour | undefined,
  reason: string | undefined,
): Attempt["answer"] {
  const transport = behaviour?.transport ?? "answer";
  if (transport !== "answer" && transport !== "goaway-after-answer") return { transport };
  return { transport, status, ...(reason === undefined ? {} : { reason }) };
}
