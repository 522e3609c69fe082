import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import { letLoadRun } from "../let-load-run.ts";
import { openRedisUnderTest, redisOf, whileFrozen } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const FROZEN_MS = [2_000, 6_000] as const;
const HEALTHY_MS = 1_000;

/** Connections stay open without answers, so only the gateway's own clock shows it. Its commands are executed later. */
export const redisFrozen: Scenario = {
  name: "redis-frozen",
  fault: `SIGSTOP of Redis under load for ${FROZEN_MS.join(", ")} ms in turn`,
  openStore: openRedisUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 6, perSecond: 300 },
  async run(fixture, { rounds, perSecond }) {
    const [redis] = redisOf(fixture.store);
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      const frozenMs = FROZEN_MS[round % FROZEN_MS.length] ?? FROZEN_MS[0];
      const outage = await fixture.noteOutage("impaired", () => whileFrozen(redis, () => letLoadRun(frozenMs)));
      await awaitRecovery(fixture, outage);
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return [];
  },
  expect: (record, counts) => [...everythingDelivered(record, counts), ...outagesPassed(record, counts)],
};
