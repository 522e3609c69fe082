import type { RunCounts } from "./count-run.ts";
import type { FaultRig } from "./fault-rig.ts";
import type { Outage, RunRecord } from "./ledgers.ts";
import { pollUntil } from "./poll-until.ts";

/** From the store's being well to the first push that is accepted. */
const FIRST_ACCEPT_MS = 2_000;
/** A client may wait for the answer so long, however ill the store is: its timeout is a second, and a queue may be before it. */
const LATEST_ANSWER_MS = 3_500;

/** Each outage was one, clients were answered all the while, and pushes are accepted soon after it. */
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

/** So that the next outage does not begin before the gateway is over this one. */
export async function awaitRecovery({ provider }: FaultRig, { readyAt }: Outage): Promise<void> {
  await pollUntil("a push to be sent after the outage", 20_000, () => {
    return (provider.entries().at(-1)?.receivedAt ?? 0) > readyAt;
  });
}
