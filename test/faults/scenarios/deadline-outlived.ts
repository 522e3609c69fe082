import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { readAcceptances } from "../read-client.ts";
import { openRedisUnderTest, redisOf, whileFrozen } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import type { Scenario } from "../scenario.ts";

const HEALTHY_MS = 500;
/** Every push in this time waits for a retry. */
const REFUSING_MS = 1_000;
/** Longer than the shorter lifetimes, and longer than a lease. */
const AWAY_MS = 6_000;
const TTL_SECONDS = [2, 5, 60] as const;
const LONG_TTL_MS = 60_000;

/** Period in which the pushes could not be worked on. */
interface Pause {
  readonly at: number;
  readonly overAt: number;
}

/**
 * Creates a scenario in which pushes could be sent again after their deadlines. The provider works, so only the
 * gateway's own check holds them back.
 */
function outlive(
  wishes: Pick<Scenario, "name" | "fault" | "openStore">,
  harm: (fixture: FaultHarness) => Promise<Pause>,
): Scenario {
  let pauses: readonly Pause[] = [];
  return {
    ...wishes,
    short: { rounds: 1, perSecond: 80 },
    long: { rounds: 5, perSecond: 200 },
    async run(fixture, { rounds, perSecond }) {
      pauses = [];
      for (let round = 0; round < rounds; round += 1) {
        const load = startRigLoad(fixture, { perSecond, ttlSeconds: TTL_SECONDS });
        await letLoadRun(HEALTHY_MS);
        fixture.behave({ status: 503 });
        await letLoadRun(REFUSING_MS);
        pauses = [...pauses, await harm(fixture)];
        await letLoadRun(HEALTHY_MS);
        await load.stop();
      }
      return [];
    },
    expect: (record, counts) => [
      ...listWrongEnds(record),
      ...listLateAttempts(record, pauses),
      ...(record.outages.length > 0 ? outagesPassed(record, counts) : []),
    ],
  };
}

export const deadlineWhileRedisFrozen: Scenario = outlive(
  {
    name: "deadline-redis-frozen",
    fault: `SIGSTOP of Redis for ${AWAY_MS} ms with retries in hand that are worth ${TTL_SECONDS.join(", ")} s; the provider is well when it wakes`,
    openStore: openRedisUnderTest,
  },
  async (fixture) => {
    const [redis] = redisOf(fixture.store);
    const outage = await fixture.noteOutage("impaired", () =>
      whileFrozen(redis, async () => {
        await letLoadRun(AWAY_MS);
        fixture.behave({});
      }),
    );
    await awaitRecovery(fixture, outage);
    return { at: outage.at, overAt: outage.readyAt };
  },
);

export const deadlineWhileGatewayAway: Scenario = outlive(
  {
    name: "deadline-gateway-away",
    fault: `kill -9 of the gateway with retries in hand that are worth ${TTL_SECONDS.join(", ")} s, started again ${AWAY_MS} ms later`,
  },
  async (fixture) => {
    const at = Date.now();
    await fixture.gateway.kill({ staysAway: true });
    await letLoadRun(AWAY_MS);
    fixture.behave({});
    const overAt = Date.now();
    await fixture.gateway.start();
    return { at, overAt };
  },
);

/**
 * A push with a lifetime of a minute must be delivered, however long it had to wait. One with a shorter lifetime is
 * delivered or expires.
 */
function listWrongEnds({ client, states }: RunRecord): readonly string[] {
  return client.flatMap((entry) => {
    const [acceptance] = readAcceptances(entry);
    if (acceptance === undefined) return [];
    const state = states.get(acceptance.id);
    const isRight = state?.state === "delivered" || (state?.state === "expired" && entry.ttlMs < LONG_TTL_MS);
    return isRight
      ? []
      : [`${acceptance.id}, worth ${entry.ttlMs} ms, is ${state?.state ?? "unknown"} (${state?.reason})`];
  });
}

/**
 * A late push may be stopped just before its bytes are sent; its attempt has begun and is counted. For pushes that
 * expired in a pause, each attempt must have reached the provider, which was available throughout.
 */
function listLateAttempts({ states, provider }: RunRecord, pauses: readonly Pause[]): readonly string[] {
  const ranOut = [...states].flatMap(([id, state]) => {
    const isOver = state !== null && pauses.some(({ at, overAt }) => state.deadline > at && state.deadline < overAt);
    return isOver ? [{ id, deliveries: state.deliveries }] : [];
  });
  const sent = Map.groupBy(provider, (entry) => `${entry.pushId} ${entry.provider}`);
  const late = ranOut.flatMap(({ id, deliveries }) =>
    deliveries.flatMap(({ provider: name, attempts }) => {
      const reached = sent.get(`${id} ${name}`)?.length ?? 0;
      return attempts <= reached ? [] : [`${id}: ${attempts} attempts, and ${reached} reached the provider`];
    }),
  );
  return ranOut.length > 0 ? late : ["no push has outlived its deadline"];
}
