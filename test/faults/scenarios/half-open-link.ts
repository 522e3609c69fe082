import type { FaultHarness } from "../fault-harness.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";

const HEALTHY_MS = 500;
/** Longer than the gateway may take to notice the dead connection. */
const DARK_MS = 5_000;
const FOUND_MS = 5_000;
const MENDED_MS = 10_000;
const LAST_ANSWERS_MS = 100;

/** Packets disappear without an event. Only a PING without an answer shows it. */
export const halfOpenLink: Scenario = {
  name: "half-open-link",
  fault: "the link to Apple goes dark under load without closing, and comes back",
  hasLink: true,
  short: { rounds: 1, perSecond: 50 },
  long: { rounds: 6, perSecond: 150 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond });
    const found: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      found.push(...(await goDark(fixture)));
    }
    await load.stop();
    return found;
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates, though nothing got through`]),
  ],
};

async function goDark({ link, provider }: FaultHarness): Promise<readonly string[]> {
  if (link === undefined) throw new Error("this scenario needs a link");
  const darkAt = Date.now();
  const before = link.opened;
  // Requests first: answers to those that got through still arrive, so nothing has to be sent twice.
  link.set("up", { kind: "black-hole" });
  await letLoadRun(LAST_ANSWERS_MS);
  link.set("both", { kind: "black-hole" });
  await pollUntil("the gateway to try another connection", FOUND_MS * 3, () => link.opened > before);
  const foundMs = Date.now() - darkAt;
  await letLoadRun(Math.max(0, DARK_MS - foundMs));
  // Data held by the dead link must never arrive, as when a NAT has forgotten the connection.
  link.set("both", { kind: "reset" });
  link.set("both", { kind: "pass" });
  const mendedAt = Date.now();
  const isBack = () =>
    provider.entries().some((entry) => entry.provider === "apns" && entry.receivedAt > mendedAt && entry.accepted);
  await pollUntil("a push over the mended link", MENDED_MS, isBack);
  return foundMs > FOUND_MS ? [`a dead link was found after ${foundMs} ms`] : [];
}
