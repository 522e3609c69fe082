import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const ACCEPTS_PER_LIFE = 20;
const LATEST_KILL_MS = 50;

/** Clients repeat unanswered requests under the same push_id, so each push is one push however often they ask. */
export const killWhileAccepting: Scenario = {
  name: "kill-while-accepting",
  fault: "kill -9 at a random moment under load, restarted at once",
  short: { rounds: 3, perSecond: 300 },
  long: { rounds: 20, perSecond: 400 },
  async run(fixture, { rounds, perSecond }) {
    const { gateway, random, provider } = fixture;
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      const before = provider.entries().length;
      await pollUntil("pushes to be sent", 10_000, () => provider.entries().length >= before + ACCEPTS_PER_LIFE);
      await letLoadRun(random.between(0, LATEST_KILL_MS));
      await gateway.kill();
      await gateway.start();
    }
    await load.stop();
    return [];
  },
  expect: everythingDelivered,
};
