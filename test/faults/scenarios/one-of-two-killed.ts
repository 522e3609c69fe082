import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { openRedisUnderTest } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import { listLateTakeOvers } from "../take-over.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { GatewayRuns } from "../gateway-runs.ts";

const PROVIDER_DELAY_MS = 400;
const IN_FLIGHT = 40;
/** A gateway that has just been started has nothing in flight yet. */
const WARM_UP_MS = 700;
/** As long as a take-over may take. */
const AWAY_MS = 5_000;

export const oneOfTwoKilled: Scenario = {
  name: "one-of-two-killed",
  fault: "two gateways on one Redis, each killed in turn with sends in flight: the other one takes over",
  openStore: openRedisUnderTest,
  hasPeer: true,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 10, perSecond: 400 },
  async run(fixture, { rounds, perSecond }) {
    const { gateway, peer } = fixture;
    if (peer === undefined) throw new Error("this scenario needs a second gateway");
    fixture.behave({ delayMs: PROVIDER_DELAY_MS });
    const load = startRigLoad(fixture, { perSecond });
    await letLoadRun(WARM_UP_MS);
    for (let round = 0; round < rounds; round += 1) {
      const victim = round % 2 === 0 ? peer : gateway;
      await killOne(fixture, victim);
      if (round + 1 === rounds) break;
      await victim.start();
      await letLoadRun(WARM_UP_MS);
    }
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.takeOverMs.samples > 0 ? [] : ["nothing was taken over: the kills missed the sends"]),
    ...listLateTakeOvers(counts, record),
  ],
};

/** It stays away until the other gateway must have sent the pushes that it owed. */
async function killOne({ provider }: FaultHarness, victim: GatewayRuns): Promise<void> {
  await pollUntil(`${IN_FLIGHT} sends in flight`, 20_000, () => {
    const owed = provider.unanswered(Date.now());
    return owed >= IN_FLIGHT || `${owed} are`;
  });
  await victim.kill();
  await letLoadRun(AWAY_MS);
}
