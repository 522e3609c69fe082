import { letLoadRun } from "../let-load-run.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const ROUND_MS = 1_000;

/** The control run: findings of the other runs are then caused by their faults. */
export const noFault: Scenario = {
  name: "no-fault",
  fault: "none",
  short: { rounds: 1, perSecond: 200 },
  long: { rounds: 45, perSecond: 500 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond });
    await letLoadRun(rounds * ROUND_MS);
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates without a fault`]),
    ...(counts.triesWithoutAnswer === 0 ? [] : [`${counts.triesWithoutAnswer} requests got no answer`]),
  ],
};
