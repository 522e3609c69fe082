import type { OutcomeRow } from "../../src/providers/outcome-row.ts";
import type { Outcome } from "../../src/push/outcome.ts";

/** What a row of an outcome table promises of an answer that names no time, written out. */
export function expectedOutcome(reason: string, row: OutcomeRow): Outcome {
  const { status: _status, says: _says, page: _page, remedy: _remedy, ...fate } = row;
  if (fate.kind !== "deferred") return { ...fate, reason };
  const { pauseMs, ...deferral } = fate;
  return { ...deferral, reason, ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }) };
}
