import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import { canMount, emptyDisk, fillDisk, openSqliteOnSmallDisk } from "../small-disk.ts";
import type { ClientEntry } from "../ledgers.ts";

const HEALTHY_MS = 500;
const FULL_MS = 1_500;
const REFUSED = 20;

/** New pushes are refused with 503, accepted ones are sent and ended, and everything recovers with the disk. */
export const diskFull: Scenario = {
  name: "disk-full",
  fault: "the disk of the SQLite store is full to the last byte under load, then has room again",
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 8, perSecond: 200 },
  openStore: openSqliteOnSmallDisk,
  canRun: canMount,
  async run(fixture, { rounds, perSecond }) {
    fixture.behave({ delayMs: 100 });
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      const before = countRefusals(fixture.ledger.entries());
      fillDisk(fixture.directory);
      await letLoadRun(FULL_MS);
      await pollUntil("new pushes to be refused", 10_000, () => {
        const refused = countRefusals(fixture.ledger.entries()) - before;
        return refused >= REFUSED || `${refused} were`;
      });
      emptyDisk(fixture.directory);
    }
    await load.stop();
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates`]),
    ...(counts.triesWithoutAnswer === 0 ? [] : [`${counts.triesWithoutAnswer} requests got no answer`]),
  ],
};

function countRefusals(client: readonly ClientEntry[]): number {
  return client
    .flatMap(({ tries }) => tries)
    .filter(({ answer }) => answer.kind === "answered" && answer.status === 503).length;
}
