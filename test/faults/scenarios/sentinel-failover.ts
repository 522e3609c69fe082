import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import { failOver } from "../fail-over.ts";
import type { FaultRig } from "../fault-rig.ts";
import { letLoadRun } from "../let-load-run.ts";
import { openSentinelUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../rig-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const HEALTHY_MS = 1_000;
/** Sentinels do not begin another failover of the same master sooner: twice their failover-timeout. */
const BETWEEN_FAILOVERS_MS = 10_500;

/** Long enough for a master alone to take many pushes; too short for the Sentinels to mind. */
const LAGGING_MS = 400;
/** Port 1 (tcpmux): nobody is there, so the replica keeps its data, gets nothing new, and waits. */
const NO_MASTER = ["127.0.0.1", 1] as const;

/**
 * A push counts as accepted once the replica has it, so the master's death loses none, not even where the replica had fallen behind.
 * With one server left none is accepted.
 */
export const sentinelFailover: Scenario = {
  name: "sentinel-failover",
  fault:
    "kill -9 of the Redis master at durability replica, every second time after the replica was cut off; Sentinel promotes it, the old master comes back as one",
  openStore: openSentinelUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 4, perSecond: 300 },
  async run(rig, { rounds, perSecond }) {
    const load = startRigLoad(rig, { perSecond });
    let lastAt = -Infinity;
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(Math.max(HEALTHY_MS, lastAt + BETWEEN_FAILOVERS_MS - performance.now()));
      lastAt = performance.now();
      const outage = await rig.noteOutage("killed", () => loseMaster(rig, round));
      await awaitRecovery(rig, outage);
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return rig.gateway.starts === 1 ? [] : ["the gateway was started again"];
  },
  expect: (record, counts) => [...everythingDelivered(record, counts), ...outagesPassed(record, counts)],
};

async function loseMaster({ store }: FaultRig, round: number): Promise<void> {
  const servers = redisOf(store);
  const master = servers[round % servers.length] ?? servers[0];
  const heir = servers[(round + 1) % servers.length] ?? servers[0];
  if (round % 2 === 0) {
    await heir.admin.replicaof(...NO_MASTER);
    await letLoadRun(LAGGING_MS);
  }
  await failOver(master, heir);
}
