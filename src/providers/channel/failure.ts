import type { OwnReason } from "../../push/explanations/gateway.ts";
import type { Outcome } from "../../push/outcome.ts";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

/** What it means that a channel gave no answer: another attempt may fare better. Anything else is a bug and thrown on. */
export function readFailure(error: unknown): Outcome {
  if (error instanceof AnswerLostError) return { kind: "deferred", reason: "answer_lost" satisfies OwnReason };
  if (error instanceof NotProcessedError) return { kind: "deferred", reason: error.reason };
  throw error;
}
