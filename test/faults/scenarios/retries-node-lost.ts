import { awaitRecovery } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { Outage, RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { readAcceptances } from "../read-client.ts";
import { openPatientClusterUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const HEALTHY_MS = 1_000;
const REFUSING_MS = 1_500;
/** Longer than a lease: nothing may be attempted that was not renewed since the node's loss. */
const STILL_REFUSING_MS = 4_500;
/** Time for all waiting pushes to be sent, while the node is still away. */
const WELL_MS = 5_000;
/** Excludes the first moments, in which the client still has to learn which nodes are left. */
const SETTLED_MS = 2_500;

/** Retries in the remaining shards continue as soon as without the loss of a node. */
export const retriesNodeLost: Scenario = {
  name: "retries-node-lost",
  fault:
    "kill -9 of one of three Redis Cluster masters, which the others hold for alive, with retries in hand everywhere",
  openStore: openPatientClusterUnderTest,
  short: { rounds: 1, perSecond: 60 },
  long: { rounds: 3, perSecond: 150 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond, concurrency: 128, shareWithoutRepeat: 0.8 });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      fixture.behave({ status: 503 });
      await letLoadRun(REFUSING_MS);
      const outage = await fixture.noteOutage("killed", () => loseNode(fixture, round));
      await awaitRecovery(fixture, outage);
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...record.outages.flatMap((outage) => listDelayed(record, outage)),
  ],
};

async function loseNode(fixture: FaultHarness, round: number): Promise<void> {
  const nodes = redisOf(fixture.store);
  const node = nodes[round % nodes.length] ?? nodes[0];
  await node.kill();
  await letLoadRun(STILL_REFUSING_MS);
  fixture.behave({});
  await letLoadRun(WELL_MS);
  await node.restart();
  await pollUntil("all nodes to see all slots", 30_000, async () => {
    const views = await Promise.all(nodes.map(({ admin }) => admin.cluster("INFO")));
    return views.every((view) => view.includes("cluster_slots_ok:16384"));
  });
}

/** Returns pushes in shards that were never away which were not sent before the lost node was back. */
function listDelayed({ client, provider }: RunRecord, { at, readyAt }: Outage): readonly string[] {
  const accepted = client.flatMap((entry) => readAcceptances(entry).map((acceptance) => ({ ...acceptance, entry })));
  const isServed = (instant: number) => instant > at + SETTLED_MS && instant < at + STILL_REFUSING_MS + WELL_MS;
  const served = new Set(accepted.filter((one) => isServed(one.at)).map(({ entry }) => entry.callee));
  const owed = accepted.filter((one) => one.at < at && served.has(one.entry.callee));
  const sent = new Map(
    provider
      .filter((entry) => entry.accepted)
      .map(({ pushId, token, receivedAt }) => [`${pushId} ${token}`, receivedAt]),
  );
  const waiting = owed.flatMap(({ id, entry: { tokens } }) =>
    tokens.flatMap((token) => {
      const sentAt = sent.get(`${id} ${token}`) ?? Infinity;
      return sentAt > at ? [{ id, sentAt }] : [];
    }),
  );
  if (waiting.length === 0) return ["no push waited for a retry in a healthy shard"];
  return waiting
    .filter(({ sentAt }) => sentAt > readyAt)
    .map(({ id }) => `${id}, in a healthy shard, was not sent before the lost node was back`);
}
