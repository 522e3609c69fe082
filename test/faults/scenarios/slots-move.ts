import type { FaultHarness } from "../fault-harness.ts";
import type { RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { openClusterUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import { reshard } from "../../fixtures/redis-servers.ts";

const HEALTHY_MS = 1_000;
/** The configuration's default. */
const SHARDS = 16;
/** Chosen so that slots with shards are among those that move, and the run does not only move empty ones. */
const SHARDS_TO_MOVE = 2;
/**
 * Further keys in each shard's slot, so that its move takes about a second, like that of a shard with many subscribers.
 */
const FILLING = 3_000;

/**
 * An operator moves slots between nodes while calls arrive. A subscriber in a moving slot may be refused, but never
 * with a wrong "no".
 */
export const slotsMove: Scenario = {
  name: "slots-move",
  fault: "redis-cli --cluster reshard from one of three masters to the next, under load",
  openStore: openClusterUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 9, perSecond: 300 },
  async run(fixture, { rounds, perSecond }) {
    await fillSlots(fixture);
    const load = startRigLoad(fixture, { perSecond, concurrency: 128, shareWithoutRepeat: 0.3 });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      await moveShards(fixture, round);
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return [];
  },
  expect: (record, counts) => [...everythingDelivered(record, counts), ...readWrongAnswers(record)],
};

async function fillSlots({ store }: FaultHarness): Promise<void> {
  const nodes = redisOf(store);
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const slot = await nodes[0].admin.cluster("KEYSLOT", `{q${shard}}`);
    for (const { admin, port } of nodes) {
      if (!(await listSlots(admin.call("CLUSTER", "SLOTS"), port)).includes(slot)) continue;
      const pipeline = admin.pipeline();
      for (let index = 0; index < FILLING; index += 1) pipeline.set(`filling:{q${shard}}:${index}`, "");
      await pipeline.exec();
    }
  }
}

/** Moves slots to the next node, enough to include some shards: redis-cli takes the lowest first. */
async function moveShards({ store }: FaultHarness, round: number): Promise<void> {
  const nodes = redisOf(store);
  const from = nodes[round % nodes.length] ?? nodes[0];
  const to = nodes[(round + 1) % nodes.length] ?? nodes[0];
  const names = Array.from({ length: SHARDS }, (_, index) => `{q${index}}`);
  const ofShards = new Set(await Promise.all(names.map((name) => from.admin.cluster("KEYSLOT", name))));
  const owned = await listSlots(from.admin.call("CLUSTER", "SLOTS"), from.port);
  const last = owned.filter((slot) => ofShards.has(slot))[SHARDS_TO_MOVE - 1] ?? owned.at(-1) ?? 0;
  await reshard(from, to, owned.indexOf(last) + 1);
}

async function listSlots(asked: Promise<unknown>, port: number): Promise<readonly number[]> {
  const ranges = (await asked) as [start: number, end: number, master: [host: string, port: number]][];
  const own = ranges.filter(([, , master]) => master[1] === port);
  return own
    .flatMap(([start, end]) => Array.from({ length: end - start + 1 }, (_, index) => start + index))
    .toSorted((a, b) => a - b);
}

/** Returns answers other than "accepted" and "not now" about subscribers with a phone. */
function readWrongAnswers({ client }: RunRecord): readonly string[] {
  return client
    .filter(({ tokens }) => tokens.length > 0)
    .flatMap(({ key, callee, tries }) =>
      tries.flatMap(({ answer }) => {
        const isRight = answer.kind !== "answered" || [200, 202, 503].includes(answer.status);
        return isRight ? [] : [`${key} for ${callee} was answered with ${answer.status} ${answer.code ?? ""}`];
      }),
    );
}
