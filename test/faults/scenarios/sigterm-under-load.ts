import { letLoadRun } from "../let-load-run.ts";
import type { RunRecord } from "../ledgers.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const LATEST_EXIT_MS = 10_000;
const PROVIDER_DELAY_MS = 150;
const ROUND_MS = 600;

/**
 * True would allow cut-off requests on kept connections, or sent before the signal. It is false because the gateway
 * continues to listen for a moment after SIGTERM (drain.test.ts tests the exact case). A refused connection is never a
 * failure.
 */
const MAY_CUT_REQUESTS = false as boolean;

/** As in an upgrade: keep-alive clients, sends in progress, and the next gateway right after. */
export const sigtermUnderLoad: Scenario = {
  name: "sigterm-under-load",
  fault: "SIGTERM under load with keep-alive clients, started again after the exit",
  short: { rounds: 2, perSecond: 300 },
  long: { rounds: 10, perSecond: 400 },
  async run(fixture, { rounds, perSecond }) {
    fixture.behave({ delayMs: PROVIDER_DELAY_MS });
    const load = startRigLoad(fixture, { perSecond });
    const found: string[] = [];
    const signals: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(ROUND_MS);
      signals.push(Date.now());
      const { code, tookMs } = await fixture.gateway.stop();
      if (code !== 0) found.push(`SIGTERM ended with exit code ${code}`);
      if (tookMs > LATEST_EXIT_MS) found.push(`SIGTERM took ${tookMs} ms`);
      await fixture.gateway.start();
    }
    await load.stop();
    return MAY_CUT_REQUESTS ? found : [...found, ...listCutRequests(fixture.ledger.entries(), signals)];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates at SIGTERM`]),
    ...record.client.flatMap(({ key, tries }) =>
      tries.flatMap(({ answer }) =>
        answer.kind === "answered" && answer.status >= 500 ? [`${key}: answered with ${answer.status}`] : [],
      ),
    ),
  ],
};

function listCutRequests(client: RunRecord["client"], signals: readonly number[]): readonly string[] {
  return client.flatMap(({ key, tries }) =>
    tries.flatMap(({ sentAt, answer }) => {
      if (answer.kind !== "no-answer") return [];
      const sinceSignal = sentAt - (signals.findLast((at) => at <= answer.at) ?? 0);
      if (!answer.isKept && sinceSignal >= 0) return [];
      return [`${key}: sent ${sinceSignal} ms after SIGTERM, ended in ${answer.reason}`];
    }),
  );
}
