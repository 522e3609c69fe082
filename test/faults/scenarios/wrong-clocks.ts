import type { RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { readAcceptances } from "../read-client.ts";
import { openRedisUnderTest } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import type { Scenario } from "../scenario.ts";

const AHEAD_MS = 70_000;
const HEALTHY_MS = 1_500;
/** Longer than the shortest lifetime, so that such pushes could be sent late when the provider recovers. */
const REFUSING_MS = 4_000;
/** Shorter than the clock error, so that a gateway that used its own clock would lose all of them. */
const TTL_SECONDS = [2, 5, 30, 60] as const;
const LONG_TTL_MS = 30_000;

/** The oracle, the provider and Redis have the correct time. */
export const wrongClocks: Scenario = {
  name: "wrong-clocks",
  fault: `two gateways on one Redis, the clock of one is ${AHEAD_MS} ms fast and that of the other as slow; the provider answers 503 for ${REFUSING_MS} ms`,
  openStore: openRedisUnderTest,
  hasPeer: true,
  clocksAheadMs: [AHEAD_MS, -AHEAD_MS],
  short: { rounds: 1, perSecond: 80 },
  long: { rounds: 6, perSecond: 200 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond, ttlSeconds: TTL_SECONDS });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      fixture.behave({ status: 503 });
      await letLoadRun(REFUSING_MS);
      fixture.behave({});
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return [];
  },
  expect: (record, { lost, expired }) => [
    ...listWrongEnds(record),
    ...(lost === 0 ? [] : [`${lost} were lost`]),
    ...(expired > 0 ? [] : ["nothing expired: no deadline was put to the test"]),
  ],
};

/** A push with a lifetime of half a minute must be delivered. One with a shorter lifetime is delivered or expires. */
function listWrongEnds({ client, states }: RunRecord): readonly string[] {
  return client.flatMap((entry) => {
    const [acceptance] = readAcceptances(entry);
    if (acceptance === undefined) return [];
    const state = states.get(acceptance.id);
    const isRight = state?.state === "delivered" || (state?.state === "expired" && entry.ttlMs < LONG_TTL_MS);
    const found = `${state?.state ?? "unknown"} (${state?.reason})`;
    return isRight ? [] : [`${acceptance.id}, worth ${entry.ttlMs} ms, is ${found}`];
  });
}
