import type { FaultHarness } from "../fault-harness.ts";
import { letLoadRun } from "../let-load-run.ts";
import { openRedisUnderTest } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const OLD_DOMAIN = "example.org";
const NEW_DOMAIN = "new.example";
const SUBSCRIBERS = 20;
const HEALTHY_MS = 1_000;
/** Retries wait in the queue, where any gateway may take them. */
const REFUSING_MS = 1_500;

/** One gateway knows a domain's apps and the other does not yet, as while an operator changes one after the other. */
export const appRolledOut: Scenario = {
  name: "app-rolled-out",
  fault: "two gateways on one Redis, of which one alone has the apps of a domain; the other one gets them by a restart",
  openStore: openRedisUnderTest,
  hasPeer: true,
  domains: [OLD_DOMAIN, NEW_DOMAIN],
  peerDomains: [OLD_DOMAIN],
  short: { rounds: 1, perSecond: 40 },
  long: { rounds: 5, perSecond: 80 },
  async run(fixture, { rounds, perSecond }) {
    const subscribers = await fixture.addSubscribers(SUBSCRIBERS, NEW_DOMAIN);
    for (let round = 0; round < rounds; round += 1) {
      const news = startRigLoad(fixture, { subscribers, perSecond });
      const others = startRigLoad(fixture, { perSecond });
      await letLoadRun(HEALTHY_MS);
      fixture.behave({ status: 503 });
      await letLoadRun(REFUSING_MS);
      fixture.behave({});
      await letLoadRun(HEALTHY_MS);
      await restartPeer(fixture, [OLD_DOMAIN, NEW_DOMAIN]);
      await letLoadRun(HEALTHY_MS);
      await news.stop();
      await others.stop();
      if (round + 1 < rounds) await restartPeer(fixture, [OLD_DOMAIN]);
    }
    return [];
  },
  expect: everythingDelivered,
};

async function restartPeer(fixture: FaultHarness, domains: readonly string[]): Promise<void> {
  const { peer } = fixture;
  if (peer === undefined) throw new Error("this scenario needs a second gateway");
  await fixture.configurePeer(domains);
  await peer.stop();
  await peer.start();
}
