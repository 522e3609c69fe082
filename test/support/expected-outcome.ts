import type { OutcomeRow } from "../../src/providers/outcome-row.ts";
import type { Outcome } from "../../src/push/outcome.ts";

/** Returns the outcome that a row of an outcome table promises for an answer without a time. */
export function expectedOutcome(reason: string, row: OutcomeRow): Outcome {
  const { status: _status, says: _says, page: _page, remedy: _remedy, ...fate } = row;
  if (fate.kind !== "deferred") return { ...fate, reason };
  const { pauseMs, ...deferral } = fate;
  return { ...deferral, reason, ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }) };
}
