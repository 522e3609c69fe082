import { pollUntil } from "../poll-until.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import type { FaultHarness } from "../fault-harness.ts";

const SENDS_PER_LIFE = 15;
const LATEST_KILL_MS = 6;

/**
 * When the gateway dies: before the provider's answer is sent, with it, or while it may be on its way into the store.
 */
const MOMENTS = ["before the answer", "with the answer", "after the answer"] as const;
type Moment = (typeof MOMENTS)[number];

export const killBeforeSettle: Scenario = {
  name: "kill-before-settle",
  fault: "kill -9 between the provider's OK and the record of it",
  short: { rounds: 3, perSecond: 150 },
  long: { rounds: 15, perSecond: 150 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      await killAtSend(fixture, SENDS_PER_LIFE, MOMENTS[round % MOMENTS.length] ?? MOMENTS[0]);
      await fixture.gateway.start();
    }
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.duplicates > 0 ? [] : ["no duplicates at all: the kills missed the moment"]),
  ],
};

/** The provider's ledger calls back before the answer is sent, so the first of the moments is exact. */
async function killAtSend({ provider, gateway, random }: FaultHarness, count: number, moment: Moment): Promise<void> {
  let left = count;
  let killed: Promise<void> | undefined;
  const kill = (): void => {
    killed ??= gateway.kill();
  };
  provider.onEntry(({ accepted }) => {
    if (accepted) left -= 1;
    if (left !== 0) return;
    if (moment === "before the answer") kill();
    else if (moment === "with the answer") setImmediate(kill);
    else setTimeout(kill, random.between(0, LATEST_KILL_MS));
  });
  await pollUntil("the moment to kill", 20_000, () => killed !== undefined || `${left} sends to go`);
  provider.onEntry(() => undefined);
  await killed;
}
