import { constants } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import type { Behaviour } from "./behaviour.ts";
import type { Answer, Exchange } from "./exchange.ts";

export interface Performance {
  readonly exchange: Exchange;
  readonly behaviour: Behaviour | undefined;
  readonly answer: Answer;
  /** Aborted when the simulator stops; ends all delays. */
  readonly signal: AbortSignal;
}

/** Sends the answer, or treats the connection as the script says. */
export async function playBehaviour({ exchange, behaviour = {}, answer: usual, signal }: Performance): Promise<void> {
  const answer = disfigure(usual, behaviour);
  const { transport = "answer", delayMs = 0, goawayCode = 0, rstCode, reason } = behaviour;
  if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => {});
  if (signal.aborted) return;
  const debugData = JSON.stringify({ reason: reason ?? "Shutdown" });
  switch (transport) {
    case "answer":
      return exchange.answer(answer);
    case "silent":
      return;
    case "lose-answer":
      if (rstCode !== undefined) exchange.resetStream(rstCode);
      return;
    case "refuse-stream":
      return exchange.resetStream(constants.NGHTTP2_REFUSED_STREAM);
    case "reset-stream":
      return exchange.resetStream(rstCode ?? constants.NGHTTP2_INTERNAL_ERROR);
    case "goaway-after-answer":
      exchange.answer(answer);
      return exchange.goAway({ code: goawayCode, debugData, processed: true });
    case "goaway-unprocessed":
      return exchange.goAway({ code: goawayCode, debugData, processed: false });
    case "drop-connection":
      return exchange.dropConnection();
  }
}

/** Returns the answer with the scripted body and shape. */
function disfigure(answer: Answer, { body, bodyBytes, shape }: Behaviour): Answer {
  const replaced = body ?? (bodyBytes === undefined ? undefined : "x".repeat(bodyBytes));
  return {
    ...answer,
    ...(replaced === undefined ? {} : { body: replaced }),
    ...(shape === undefined ? {} : { shape }),
  };
}

/** Returns the header for `retryAfterSeconds` or `retryAfter`. */
export function retryAfterHeader(behaviour: Behaviour | undefined): Record<string, string> {
  const value = behaviour?.retryAfter ?? behaviour?.retryAfterSeconds;
  return value === undefined ? {} : { "retry-after": String(value) };
}

/** Returns true if the request ends without having been processed. */
export function losesRequest(behaviour: Behaviour | undefined): boolean {
  switch (behaviour?.transport ?? "answer") {
    case "silent":
    case "refuse-stream":
    case "reset-stream":
    case "goaway-unprocessed":
    case "drop-connection":
      return true;
    case "answer":
    case "lose-answer":
    case "goaway-after-answer":
      return false;
  }
}
