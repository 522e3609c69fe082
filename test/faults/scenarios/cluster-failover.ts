import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { openReplicatedClusterUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const HEALTHY_MS = 1_000;
const MASTERS = 3;
const FAILOVER_MS = 30_000;

/**
 * Each master is replaced once. Everything that its replica had confirmed continues there, and the other masters are
 * not affected.
 */
export const clusterFailover: Scenario = {
  name: "cluster-failover",
  fault:
    "kill -9 of one of three Redis Cluster masters at durability replica; its replica is promoted, it comes back as one",
  openStore: openReplicatedClusterUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: MASTERS, perSecond: 300 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond, concurrency: 128, shareWithoutRepeat: 0.8 });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      const outage = await fixture.noteOutage("killed", () => loseMaster(fixture, round));
      await awaitRecovery(fixture, outage);
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return fixture.gateway.starts === 1 ? [] : ["the gateway was started again"];
  },
  expect: (record, counts) => [...everythingDelivered(record, counts), ...outagesPassed(record, counts)],
};

async function loseMaster({ store }: FaultHarness, round: number): Promise<void> {
  const nodes = redisOf(store);
  const master = nodes[round % MASTERS] ?? nodes[0];
  const heir = nodes[(round % MASTERS) + MASTERS] ?? nodes[0];
  await master.kill();
  await pollUntil("the replica to be master", FAILOVER_MS, async () =>
    (await heir.admin.info("replication")).includes("role:master"),
  );
  await master.restart();
  // Nothing is accepted before that.
  await pollUntil("the new master to have a replica", FAILOVER_MS, async () => (await heir.admin.wait(1, 100)) === 1);
}
