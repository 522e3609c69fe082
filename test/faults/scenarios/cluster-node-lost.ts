import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { Outage, RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { openClusterUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const HEALTHY_MS = 1_000;
/** Longer than the others take to declare it dead. */
const AWAY_MS = 4_000;
/** Excludes the first moments, in which the client still has to learn which nodes are left. */
const SETTLED_MS = 2_500;
/** Two of three nodes are left, which is about two thirds of a hundred subscribers. */
const LEAST_CALLEES = 40;

/** Subscribers of other shards are not affected; those of the lost one are served again once it is back. */
export const clusterNodeLost: Scenario = {
  name: "cluster-node-lost",
  fault: "kill -9 of one of three Redis Cluster masters without replicas, started again later",
  openStore: openClusterUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 6, perSecond: 300 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond, concurrency: 128, shareWithoutRepeat: 0.8 });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      const outage = await fixture.noteOutage("killed", () => loseNode(fixture, round));
      await awaitRecovery(fixture, outage);
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...outagesPassed(record, counts),
    ...record.outages.flatMap((outage) => {
      const served = countServed(record, outage);
      return served >= LEAST_CALLEES ? [] : [`only ${served} subscribers were served while a node was away`];
    }),
  ],
};

async function loseNode({ store }: FaultHarness, round: number): Promise<void> {
  const nodes = redisOf(store);
  const node = nodes[round % nodes.length] ?? nodes[0];
  await node.kill();
  await letLoadRun(AWAY_MS);
  await node.restart();
  await pollUntil("all nodes to see all slots", 20_000, async () => {
    const views = await Promise.all(nodes.map(({ admin }) => admin.cluster("INFO")));
    return views.every((view) => view.includes("cluster_slots_ok:16384"));
  });
}

function countServed({ client }: RunRecord, { at }: Outage): number {
  const served = client.filter(({ tries }) =>
    tries.some(({ answer }) => {
      const isAccepted = answer.kind === "answered" && answer.status === 202;
      return isAccepted && answer.at > at + SETTLED_MS && answer.at < at + AWAY_MS;
    }),
  );
  return new Set(served.map(({ callee }) => callee)).size;
}
