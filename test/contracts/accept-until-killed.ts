import { openSqliteStores } from "../../src/stores/sqlite/sqlite-stores.ts";
import { aCall, anIphone } from "../fixtures/builders.ts";
import { anAcceptance, delivered, leaseOf, NO_RULES } from "./store-fixture.ts";

/**
 * A process to be killed. It accepts pushes on the given file in groups, ends every second one, and prints what it was
 * promised: `accepted <id>`, `delivered <id>`.
 */
const [path = "", durability] = process.argv.slice(2);
const { pushes, devices } = openSqliteStores({
  path,
  durability: durability === "disk" ? "disk" : "process",
  clock: Date.now,
  ballastBytes: 0,
});
await devices.register(anIphone(), NO_RULES);

async function acceptOne(callId: string, end: boolean): Promise<void> {
  const lease = leaseOf(await pushes.accept(anAcceptance(aCall({ callId }))));
  process.stdout.write(`accepted ${lease.push.id}\n`);
  if (!end) return;
  await pushes.settle(lease, [delivered()]);
  process.stdout.write(`delivered ${lease.push.id}\n`);
}

for (let round = 0; ; round += 1) {
  await Promise.all(Array.from({ length: 8 }, (_, index) => acceptOne(`${round}-${index}`, index % 2 === 0)));
}
