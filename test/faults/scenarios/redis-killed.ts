import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import { letLoadRun } from "../let-load-run.ts";
import { openRedisUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

/**
 * Used in turn. The longest exceeds every pause that the gateway makes by itself, and leaves pushes a third of their
 * time.
 */
const OUTAGES_MS = [200, 2_000, 10_000, 200, 2_000, 10_000, 200, 40_000] as const;
const HEALTHY_MS = 3_000;

/** The gateway is not restarted. Redis returns with everything that it had acknowledged, from its append-only file. */
export const redisKilled: Scenario = {
  name: "redis-killed",
  fault: "kill -9 of Redis under load, started again after 0.2, 2, 10 or 40 s",
  openStore: openRedisUnderTest,
  short: { rounds: 1, perSecond: 150 },
  long: { rounds: 2 * OUTAGES_MS.length, perSecond: 500 },
  async run(fixture, { rounds, perSecond }) {
    const [redis] = redisOf(fixture.store);
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(rounds === 1 ? HEALTHY_MS / 4 : HEALTHY_MS);
      const outage = await fixture.noteOutage("killed", async () => {
        await redis.kill();
        await letLoadRun(OUTAGES_MS[round % OUTAGES_MS.length] ?? OUTAGES_MS[0]);
        await redis.restart();
      });
      await awaitRecovery(fixture, outage);
    }
    await letLoadRun(HEALTHY_MS / 4);
    await load.stop();
    return fixture.gateway.starts === 1 ? [] : ["the gateway was started again"];
  },
  expect: (record, counts) => [...everythingDelivered(record, counts), ...outagesPassed(record, counts)],
};
