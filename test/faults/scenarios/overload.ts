import type { RunCounts } from "../count-run.ts";
import type { RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { readAcceptances } from "../read-client.ts";
import { readRefusals } from "../refusals.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import { openSqliteWithRoomFor } from "../store-under-test.ts";

/** Pushes that fit into the queue. Each stays as long as the provider takes, so 200 a second can be served. */
const ROOM = 100;
const PROVIDER_DELAY_MS = 500;
const CAPACITY_PER_SECOND = (ROOM * 1_000) / PROVIDER_DELAY_MS;
const ROUND_MS = 1_000;
/** Smallest acceptable share of the possible throughput under overload. A busy machine takes its part. */
const LEAST_SHARE = 0.7;
const REFUSAL_MS = 20;
/** Tolerance factor, because single milliseconds mean nothing on a shared machine. */
const FAR_OFF = 5;

export const overload: Scenario = {
  name: "overload",
  fault: "more pushes than can be sent, for a time: five times as many in the long form",
  openStore: openSqliteWithRoomFor(ROOM, { isShared: false }),
  short: { rounds: 2, perSecond: 2 * CAPACITY_PER_SECOND },
  long: { rounds: 30, perSecond: 5 * CAPACITY_PER_SECOND },
  async run(fixture, { rounds, perSecond }) {
    fixture.behave({ delayMs: PROVIDER_DELAY_MS });
    const load = startRigLoad(fixture, { perSecond, concurrency: 120, shareWithoutRepeat: 1 });
    await letLoadRun(rounds * ROUND_MS);
    await load.stop();
    fixture.behave({});
    await fixture.awaitQuiet(10_000);
    const before = readRefusals(fixture.ledger.entries()).length;
    const usual = startRigLoad(fixture, { perSecond: CAPACITY_PER_SECOND / 4 });
    await letLoadRun(ROUND_MS);
    await usual.stop();
    const refused = readRefusals(fixture.ledger.entries()).length - before;
    return refused === 0 ? [] : [`${refused} pushes were refused when there was room again`];
  },
  expect: (record, counts, { rounds }) => [
    ...everythingDelivered(record, counts),
    ...listHastyRefusals(record, counts),
    ...(rounds > 2 ? [...listSlowRefusals(counts), ...listIdleness(record, rounds)] : []),
    ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates`]),
    ...(counts.triesWithoutAnswer === 0 ? [] : [`${counts.triesWithoutAnswer} requests got no answer`]),
  ],
};

function listHastyRefusals({ client }: RunRecord, { refusalMs }: RunCounts): readonly string[] {
  const rude = readRefusals(client).filter(({ answer }) => !((answer.retryAfterSeconds ?? 0) >= 1)).length;
  return [
    ...(refusalMs.samples > 0 ? [] : ["nothing was refused: there was no overload"]),
    ...(rude === 0 ? [] : [`${rude} refusals did not say when to try again`]),
  ];
}

function listSlowRefusals({ refusalMs, oracleLagMs }: RunCounts): readonly string[] {
  const { samples, p99 } = refusalMs;
  return p99 > FAR_OFF * REFUSAL_MS + oracleLagMs ? [`refused after ${p99} ms (p99 of ${samples})`] : [];
}

/** Refusing must not keep the gateway from its work. */
function listIdleness({ client }: RunRecord, rounds: number): readonly string[] {
  const accepted = client.filter((entry) => readAcceptances(entry).length > 0).length;
  const possible = (CAPACITY_PER_SECOND * rounds * ROUND_MS) / 1_000;
  return accepted >= LEAST_SHARE * possible
    ? []
    : [`only ${accepted} pushes were accepted, where ${possible} could be`];
}
