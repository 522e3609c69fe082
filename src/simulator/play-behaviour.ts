import { setTimeout as sleep } from "node:timers/promises";
import type { Behaviour } from "./behaviour.ts";
import type { Answer, Exchange } from "./exchange.ts";

export interface Performance {
  readonly exchange: Exchange;
  readonly behaviour: Behaviour | undefined;
  readonly answer: Answer;
  /** Ends all delays when the simulator stops. */
  readonly signal: AbortSignal;
}

/** Gives the answer, or does to the connection what the script says instead. */
export async function playBehaviour({ exchange, behaviour = {}, answer, signal }: Performance): Promise<void> {
  const { transport = "answer", delayMs = 0, goawayCode = 0, reason } = behaviour;
  if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => {});
  if (signal.aborted) return;
  const debugData = JSON.stringify({ reason: reason ?? "Shutdown" });
  switch (transport) {
    case "answer":
      return exchange.answer(answer);
    case "silent":
    case "lose-answer":
      return;
    case "refuse-stream":
      return exchange.refuseStream();
    case "goaway-after-answer":
      exchange.answer(answer);
      return exchange.goAway({ code: goawayCode, debugData, processed: true });
    case "goaway-unprocessed":
      return exchange.goAway({ code: goawayCode, debugData, processed: false });
    case "drop-connection":
      return exchange.dropConnection();
  }
}

/** The header that goes with `retryAfterSeconds`. */
export function retryAfterHeader(behaviour: Behaviour | undefined): Record<string, string> {
  return behaviour?.retryAfterSeconds === undefined ? {} : { "retry-after": String(behaviour.retryAfterSeconds) };
}

/** Whether the request ends without having been processed. */
export function losesRequest(behaviour: Behaviour | undefined): boolean {
  switch (behaviour?.transport ?? "answer") {
    case "silent":
    case "refuse-stream":
    case "goaway-unprocessed":
    case "drop-connection":
      return true;
    case "answer":
    case "lose-answer":
    case "goaway-after-answer":
      return false;
  }
}
