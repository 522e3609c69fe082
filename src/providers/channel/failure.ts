import type { OwnReason } from "../../push/explanations/gateway.ts";
import type { Outcome } from "../../push/outcome.ts";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

/**
 * Returns the outcome of a request that got no answer: another attempt may succeed. Any other error is a bug and
 * rethrown.
 */
export function readFailure(error: unknown): Outcome {
  if (error instanceof AnswerLostError) return { kind: "deferred", reason: "answer_lost" satisfies OwnReason };
  if (error instanceof NotProcessedError) return { kind: "deferred", reason: error.reason };
  throw error;
}
