import type { Redis } from "ioredis";
import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { openRedisUnderTest, redisOf } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario, type Size } from "../scenario.ts";
import { readMetrics } from "../state-ledger.ts";

const PROVIDER_DELAY_MS = 300;
const HEALTHY_MS = 700;
const DRAINED_MS = 3_000;
const REFUSING_MS = 1_500;
/** The server may have processed its socket before the setting that was sent after it. */
const SETTING_TAKES_MS = 50;
/** Port 1 (tcpmux) has no listener, so the replica keeps its data and waits. */
const NO_MASTER = ["127.0.0.1", 1] as const;

/** While there is no memory, new pushes are refused, and accepted ones are sent, recorded and ended. */
export const redisOutOfMemory: Scenario = {
  name: "redis-out-of-memory",
  fault: "Redis has no memory left (noeviction) under load, then has some again",
  openStore: openRedisUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 5, perSecond: 300 },
  run: (fixture, size) =>
    refuseWrites(fixture, size, {
      begin: (admin) => admin.config("SET", "maxmemory", "1mb"),
      end: (admin) => admin.config("SET", "maxmemory", "0"),
      awaitEffect: async () => {
        await pollUntil("what was accepted to be done with", DRAINED_MS, async () => {
          const { queued } = await readMetrics(fixture.client);
          return queued === 0 || `${queued} pushes are queued`;
        });
      },
    }),
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...outagesPassed(record, counts),
    ...listAcceptedMeanwhile(record),
    ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates, though every end could be recorded`]),
  ],
};

export const redisReadOnly: Scenario = {
  name: "redis-read-only",
  fault: "Redis becomes a read-only replica under load, then a master again",
  openStore: openRedisUnderTest,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 5, perSecond: 300 },
  run: (fixture, size) =>
    refuseWrites(fixture, size, {
      begin: (admin) => admin.replicaof(...NO_MASTER),
      end: (admin) => admin.replicaof("NO", "ONE"),
      awaitEffect: async () => undefined,
    }),
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...outagesPassed(record, counts),
    ...listAcceptedMeanwhile(record),
  ],
};

interface Refusal {
  readonly begin: (admin: Redis) => Promise<unknown>;
  readonly end: (admin: Redis) => Promise<unknown>;
  /** Waits for the expected effect of the refusal. */
  readonly awaitEffect: () => Promise<void>;
}

async function refuseWrites(
  fixture: FaultHarness,
  { rounds, perSecond }: Size,
  refusal: Refusal,
): Promise<readonly string[]> {
  const [{ admin }] = redisOf(fixture.store);
  fixture.behave({ delayMs: PROVIDER_DELAY_MS });
  const load = startRigLoad(fixture, { perSecond });
  const found: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await letLoadRun(HEALTHY_MS);
    const outage = await fixture.noteOutage("impaired", async () => {
      await refusal.begin(admin);
      await letLoadRun(REFUSING_MS);
      await refusal.awaitEffect().catch((error: unknown) => found.push(String(error)));
      await refusal.end(admin);
    });
    await awaitRecovery(fixture, outage);
  }
  await letLoadRun(HEALTHY_MS);
  await load.stop();
  return found;
}

/** Returns requests that were sent while Redis refused writes, and accepted before it took writes again. */
function listAcceptedMeanwhile({ client, outages, oracleLagMs }: RunRecord): readonly string[] {
  const from = SETTING_TAKES_MS + oracleLagMs;
  return client.flatMap(({ key, tries }) =>
    tries.flatMap(({ sentAt, answer }) => {
      const isMeanwhile = outages.some(({ at, readyAt }) => sentAt > at + from && answer.at < readyAt - from);
      // 200 is a repeat, which can also be read from a replica.
      const isAccepted = answer.kind === "answered" && answer.status === 202;
      return isMeanwhile && isAccepted ? [`${key} was accepted by a Redis that took no writes`] : [];
    }),
  );
}
