import type { Logger } from "./logger.ts";
import { createRepeatedLines } from "./repeated-lines.ts";

/** Interval between repeated lines about a continuing failure. */
const EVERY_MS = 10_000;

/**
 * Logs the first failure of an operation, and then at intervals how often it has failed since. An unreachable store
 * fails hundreds of times in a few seconds, always in the same way.
 */
export function createStoreFailureLog(logger: Pick<Logger, "error">): (operation: string, error: unknown) => void {
  const log = createRepeatedLines(EVERY_MS);
  return (operation, error) =>
    log({
      key: operation,
      first: () => logger.error("store failed", { operation, error }),
      again: (times) => logger.error("store failed again", { operation, reason: messageOf(error), times }),
    });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
