import type { FaultHarness } from "../fault-harness.ts";
import type { GatewayRuns } from "../gateway-runs.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { openRedisUnderTest } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

/** After the last round, the backlog needs time to be sent as well. */
const WARM_UP_MS = 700;
const HEALTHY_MS = 3_000;
/** Longer than a lease, so the other gateway has taken over its pushes. */
const FROZEN_MS = 5_500;
const REFUSING_MS = 600;
const PROVIDER_DELAY_MS = 300;
const IN_FLIGHT = 20;
/** Sends that it had begun and whose bytes had not been sent yet. */
const BEGUN = 5;

/**
 * A machine that swaps or is migrated: the gateway wakes and believes that no time has passed. It must neither
 * overwrite the other gateway's results nor send what that one has sent.
 */
export const gatewayFrozen: Scenario = {
  name: "gateway-frozen",
  fault: `two gateways on one Redis, each in turn stands still (SIGSTOP) for ${FROZEN_MS} ms with sends in flight or retries in hand`,
  openStore: openRedisUnderTest,
  hasPeer: true,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 10, perSecond: 200 },
  async run(fixture, { rounds, perSecond }) {
    const { gateway, peer } = fixture;
    if (peer === undefined) throw new Error("this scenario needs a second gateway");
    const load = startRigLoad(fixture, { perSecond, concurrency: 120 });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(round === 0 ? WARM_UP_MS : HEALTHY_MS);
      await freeze(fixture, round % 2 === 0 ? gateway : peer, round % 4 < 2 ? "retries in hand" : "sends in flight");
    }
    await letLoadRun(WARM_UP_MS);
    await load.stop();
    return gateway.starts + peer.starts === 2 ? [] : ["a gateway was started again"];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.duplicatesByCause.thaw <= BEGUN * counts.freezes
      ? []
      : [`${counts.duplicatesByCause.thaw} sends left when a gateway woke: more than it can have begun before`]),
    ...((record.counters?.leasesLost ?? 0) > 0 ? [] : ["no gateway found a lease lost: there was nothing to fence"]),
  ],
};

async function freeze(fixture: FaultHarness, gateway: GatewayRuns, moment: "retries in hand" | "sends in flight") {
  if (moment === "retries in hand") {
    fixture.behave({ status: 503 });
    await letLoadRun(REFUSING_MS);
  } else {
    fixture.behave({ delayMs: PROVIDER_DELAY_MS });
    await pollUntil(`${IN_FLIGHT} sends in flight`, 20_000, () => fixture.provider.unanswered(Date.now()) >= IN_FLIGHT);
  }
  gateway.freeze();
  try {
    await letLoadRun(FROZEN_MS / 2);
    // The provider recovers while the gateway is frozen, so everything in hand could be sent at once when it wakes.
    fixture.behave({});
    await letLoadRun(FROZEN_MS / 2);
  } finally {
    gateway.thaw();
  }
}
