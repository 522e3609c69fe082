import type { Logger } from "./logger.ts";

/** Interval between repeated lines about a continuing failure. */
const EVERY_MS = 10_000;

interface Outage {
  repeats: number;
  last: unknown;
}

/**
 * Logs the first failure of an operation, and then at intervals how often it has failed since. An unreachable store
 * fails hundreds of times in a few seconds, always in the same way.
 */
export function createStoreFailureLog(logger: Pick<Logger, "error">): (operation: string, error: unknown) => void {
  const outages = new Map<string, Outage>();

  function sumUpLater(operation: string, outage: Outage): void {
    const timer = setTimeout(() => {
      if (outage.repeats === 0) {
        outages.delete(operation);
        return;
      }
      logger.error("store failed again", { operation, reason: messageOf(outage.last), times: outage.repeats });
      outage.repeats = 0;
      sumUpLater(operation, outage);
    }, EVERY_MS);
    timer.unref();
  }

  return (operation, error) => {
    const outage = outages.get(operation);
    if (outage !== undefined) {
      outage.repeats += 1;
      outage.last = error;
      return;
    }
    logger.error("store failed", { operation, error });
    const begun = { repeats: 0, last: error };
    outages.set(operation, begun);
    sumUpLater(operation, begun);
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
