import type { Logger } from "./logger.ts";

/** How often a failure that goes on is said again. */
const EVERY_MS = 10_000;

interface Outage {
  repeats: number;
  last: unknown;
}

/**
 * Writes the first failure of an operation, and then a line now and then that says how often it has failed since. A store that is away fails
 * hundreds of times in a few seconds, always in the same way.
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
