import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { RedisServer } from "../../fixtures/redis-servers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { openSentinelUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import type { StoreUnderTest } from "../store-under-test.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const HEALTHY_MS = 1_000;
const FAILOVER_MS = 30_000;
/** Sentinels do not begin another failover of the same master earlier: twice their failover-timeout. */
const BETWEEN_FAILOVERS_MS = 10_500;

/** Long enough for a lone master to accept many pushes; too short for the Sentinels to react. */
const LAGGING_MS = 400;
/** Port 1 (tcpmux) has no listener, so the replica keeps its data, gets nothing new, and waits. */
const NO_MASTER = ["127.0.0.1", 1] as const;

/**
 * A push counts as accepted once the replica has it, so the master's death loses none, even if the replica was behind.
 * With one server left, none is accepted.
 */
export const sentinelFailover: Scenario = {
  name: "sentinel-failover",
  fault:
    "kill -9 of the Redis master at durability replica, every second time after the replica was cut off; Sentinel promotes it, the old master comes back as one",
  openStore: openSentinelUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 4, perSecond: 300 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond });
    let lastAt = -Infinity;
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(Math.max(HEALTHY_MS, lastAt + BETWEEN_FAILOVERS_MS - performance.now()));
      lastAt = performance.now();
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
  const master = await awaitMaster(store, isAnybody);
  const heir = redisOf(store).find((server) => server !== master) ?? master;
  if (round % 2 === 0) {
    await heir.admin.replicaof(...NO_MASTER);
    await letLoadRun(LAGGING_MS);
  }
  await master.kill();
  await awaitMaster(store, (candidate) => candidate === heir);
  await master.restart();
  // Either server: Sentinels that first take the new master for dead make the old one the master again.
  await awaitMaster(store, hasReplica);
}

const isAnybody = (): boolean => true;
/** Nothing is accepted at durability replica before the pair is complete again. */
const hasReplica = ({ admin }: RedisServer): Promise<boolean> =>
  admin.wait(1, 100).then(
    (copies) => copies === 1,
    () => false,
  );

/** Returns the server that all Sentinels name, once it is ready. */
async function awaitMaster(
  store: StoreUnderTest,
  isRight: (master: RedisServer) => boolean | Promise<boolean>,
): Promise<RedisServer> {
  let found: RedisServer | undefined;
  await pollUntil("the Sentinels to have the right master", FAILOVER_MS, async () => {
    found = await findMaster(store);
    return found !== undefined && isRight(found);
  });
  if (found === undefined) throw new Error("unreachable");
  return found;
}

/** Returns undefined while they do not agree. */
async function findMaster(store: StoreUnderTest): Promise<RedisServer | undefined> {
  const { sentinel } = store;
  if (sentinel === undefined) throw new Error("this scenario needs Sentinels");
  const { name, servers } = sentinel;
  const ask = ({ admin }: RedisServer) => admin.call("SENTINEL", "get-master-addr-by-name", name);
  const ports = (await Promise.all(servers.map(ask))).map((address) =>
    Array.isArray(address) ? address[1] : undefined,
  );
  return redisOf(store).find(({ port }) => ports.every((named) => Number(named) === port));
}
