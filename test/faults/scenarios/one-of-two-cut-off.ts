import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import { letLoadRun } from "../let-load-run.ts";
import { openRedisOverOneLink } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

/** Time for the backlog to be sent. */
const HEALTHY_MS = 3_000;
const REFUSING_MS = 600;
/** The other gateway has taken over by then. */
const TAKEN_OVER_MS = 5_000;
const CUT_OFF_MS = 7_000;

/**
 * A partition: the gateway has its pushes, clients and providers, and cannot know what the other one does with the
 * pushes.
 */
export const oneOfTwoCutOff: Scenario = {
  name: "one-of-two-cut-off",
  fault: `two gateways on one Redis, one of them is cut off from it for ${CUT_OFF_MS} ms with retries in hand`,
  openStore: openRedisOverOneLink,
  hasPeer: true,
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 6, perSecond: 200 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(rounds === 1 ? HEALTHY_MS / 4 : HEALTHY_MS);
      fixture.behave({ status: 503 });
      await letLoadRun(REFUSING_MS);
      const outage = await fixture.noteOutage("impaired", () => cutOff(fixture));
      await awaitRecovery(fixture, outage);
    }
    await letLoadRun(HEALTHY_MS / 4);
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...outagesPassed(record, counts),
    ...((record.counters?.leasesLost ?? 0) > 0 ? [] : ["no lease was lost: there was nothing to fence"]),
  ],
};

async function cutOff(fixture: FaultHarness): Promise<void> {
  const { link } = fixture.store;
  if (link === undefined) throw new Error("this scenario needs a link to Redis");
  link.set("both", { kind: "black-hole" });
  await letLoadRun(TAKEN_OVER_MS);
  fixture.behave({});
  await letLoadRun(CUT_OFF_MS - TAKEN_OVER_MS);
  link.set("both", { kind: "reset" });
  link.set("both", { kind: "pass" });
}
