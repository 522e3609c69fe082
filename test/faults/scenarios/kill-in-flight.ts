import { pollUntil } from "../poll-until.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const PROVIDER_DELAY_MS = 400;
const IN_FLIGHT = 40;

export const killInFlight: Scenario = {
  name: "kill-in-flight",
  fault: `kill -9 when the provider owes ${IN_FLIGHT} answers`,
  short: { rounds: 1, perSecond: 200 },
  long: { rounds: 15, perSecond: 300 },
  async run(fixture, { rounds, perSecond }) {
    const { gateway, provider } = fixture;
    fixture.behave({ delayMs: PROVIDER_DELAY_MS });
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      await pollUntil(`${IN_FLIGHT} sends in flight`, 20_000, () => {
        const owed = provider.unanswered(Date.now());
        return owed >= IN_FLIGHT || `${owed} are`;
      });
      await gateway.kill();
      const startedAt = Date.now();
      await gateway.start();
      // Otherwise sends that the killed gateway left unanswered would count as in flight at the next kill.
      await pollUntil("a send of this gateway", 20_000, () => (provider.entries().at(-1)?.receivedAt ?? 0) > startedAt);
    }
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.duplicates >= IN_FLIGHT / 2 ? [] : [`only ${counts.duplicates} duplicates: the kills missed the sends`]),
  ],
};
