import type { RunCounts } from "./count-run.ts";
import type { FaultHarness } from "./fault-harness.ts";
import type { Outage, RunRecord } from "./ledgers.ts";
import { pollUntil } from "./poll-until.ts";

/** Limit for the time from the store's recovery to the first accepted push. */
const FIRST_ACCEPT_MS = 2_000;
/**
 * Limit for the wait for an answer in any state of the store: the client's timeout is a second, and a queue may precede
 * it.
 */
const LATEST_ANSWER_MS = 3_500;

/**
 * Checks that each outage was effective, that clients were answered throughout, and that pushes are accepted soon after
 * it.
 */
export function outagesPassed(
  { outages, client, oracleLagMs }: RunRecord,
  { firstAcceptMs, triesWithoutAnswer }: RunCounts,
): readonly string[] {
  const tries = client.flatMap((entry) => entry.tries);
  const found: string[] = [];
  for (const { at, readyAt } of outages) {
    const refused = tries.some(
      ({ answer }) =>
        answer.kind === "answered" &&
        answer.status === 503 &&
        answer.at >= at &&
        answer.at <= readyAt + FIRST_ACCEPT_MS,
    );
    if (!refused) found.push(`nobody noticed the outage of ${readyAt - at} ms: no push was refused`);
  }
  const slow = tries.filter(({ sentAt, answer }) => answer.at - sentAt > LATEST_ANSWER_MS + oracleLagMs);
  if (slow.length > 0) found.push(`${slow.length} requests were answered later than ${LATEST_ANSWER_MS} ms`);
  if (triesWithoutAnswer > 0) found.push(`${triesWithoutAnswer} requests got no answer`);
  if (firstAcceptMs.samples < outages.length) found.push("no push was accepted after an outage");
  if (firstAcceptMs.max > FIRST_ACCEPT_MS + oracleLagMs)
    found.push(`the first push was accepted ${firstAcceptMs.max} ms after the store was well`);
  return found;
}

/** Waits until the gateway has recovered, so that the next outage does not begin before. */
export async function awaitRecovery({ provider }: FaultHarness, { readyAt }: Outage): Promise<void> {
  await pollUntil("a push to be sent after the outage", 20_000, () => {
    return (provider.entries().at(-1)?.receivedAt ?? 0) > readyAt;
  });
}
