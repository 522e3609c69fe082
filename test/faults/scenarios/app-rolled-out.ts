import type { FaultRig } from "../fault-rig.ts";
import { letLoadRun } from "../let-load-run.ts";
import { openRedisUnderTest } from "../redis-under-test.ts";
import { startRigLoad } from "../rig-load.ts";
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
  async run(rig, { rounds, perSecond }) {
    const subscribers = await rig.addSubscribers(SUBSCRIBERS, NEW_DOMAIN);
    for (let round = 0; round < rounds; round += 1) {
      const news = startRigLoad(rig, { subscribers, perSecond });
      const others = startRigLoad(rig, { perSecond });
      await letLoadRun(HEALTHY_MS);
      rig.behave({ status: 503 });
      await letLoadRun(REFUSING_MS);
      rig.behave({});
      await letLoadRun(HEALTHY_MS);
      await restartPeer(rig, [OLD_DOMAIN, NEW_DOMAIN]);
      await letLoadRun(HEALTHY_MS);
      await news.stop();
      await others.stop();
      if (round + 1 < rounds) await restartPeer(rig, [OLD_DOMAIN]);
    }
    return [];
  },
  expect: everythingDelivered,
};

async function restartPeer(rig: FaultRig, domains: readonly string[]): Promise<void> {
  const { peer } = rig;
  if (peer === undefined) throw new Error("this scenario needs a second gateway");
  await rig.configurePeer(domains);
  await peer.stop();
  await peer.start();
}
