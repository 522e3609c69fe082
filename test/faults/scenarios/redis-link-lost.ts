import { awaitRecovery, outagesPassed } from "../expect-outages.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { openRedisOverLink } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import type { TcpProxy } from "../tcp-proxy.ts";

const HEALTHY_MS = 700;
const CUT_MS = 800;
const LOST_REPLIES_MS = 500;
/** Longer than a lease. */
const DARK_MS = 5_500;
/** Limit for leaving a dead connection and opening another. */
const FOUND_MS = 3_000;

/** Impairs the link, and ends with a working one. Returned findings are violations. */
type LinkFault = (link: TcpProxy) => Promise<readonly string[]>;

const LINK_FAULTS: readonly [LinkFault, ...LinkFault[]] = [cut, loseReplies, forgetConnections, goDark];

export const redisLinkLost: Scenario = {
  name: "redis-link-lost",
  fault:
    "the network to Redis under load, in turn: cut, replies lost after execution, open connections half-open, all packets vanish",
  openStore: openRedisOverLink,
  // The last one takes as long as all others together.
  short: { rounds: LINK_FAULTS.length - 1, perSecond: 120 },
  long: { rounds: 5 * LINK_FAULTS.length, perSecond: 250 },
  async run(fixture, { rounds, perSecond }) {
    const load = startRigLoad(fixture, { perSecond });
    const found: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await letLoadRun(HEALTHY_MS);
      found.push(...(await breakLink(fixture, LINK_FAULTS[round % LINK_FAULTS.length] ?? LINK_FAULTS[0])));
    }
    await letLoadRun(HEALTHY_MS);
    await load.stop();
    return found;
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...outagesPassed(record, counts),
    ...(countUnknown(record) > 0 ? [] : ["no acceptance was unknown: no reply was lost after the execution"]),
  ],
};

async function breakLink(fixture: FaultHarness, fault: LinkFault): Promise<readonly string[]> {
  const { link } = fixture.store;
  if (link === undefined) throw new Error("this scenario needs a link to Redis");
  let found: readonly string[] = [];
  const outage = await fixture.noteOutage("impaired", async () => {
    found = await fault(link);
  });
  await awaitRecovery(fixture, outage);
  return found;
}

async function cut(link: TcpProxy): Promise<readonly string[]> {
  link.set("both", { kind: "cut" });
  await letLoadRun(CUT_MS);
  link.set("both", { kind: "pass" });
  return [];
}

/** Redis executes commands and the gateway does not learn it. Each push must still remain a single one. */
async function loseReplies(link: TcpProxy): Promise<readonly string[]> {
  link.set("down", { kind: "cut-before-reply" });
  await letLoadRun(LOST_REPLIES_MS);
  link.set("down", { kind: "pass" });
  return [];
}

async function forgetConnections(link: TcpProxy): Promise<readonly string[]> {
  const before = link.opened;
  const since = performance.now();
  link.forget();
  await pollUntil("another connection", FOUND_MS * 3, () => link.opened > before);
  const foundMs = Math.round(performance.now() - since);
  return foundMs > FOUND_MS ? [`a dead connection was left after ${foundMs} ms`] : [];
}

async function goDark(link: TcpProxy): Promise<readonly string[]> {
  link.set("both", { kind: "black-hole" });
  await letLoadRun(DARK_MS);
  // Data held by the dead link must never arrive.
  link.set("both", { kind: "reset" });
  link.set("both", { kind: "pass" });
  return [];
}

function countUnknown({ client }: RunRecord): number {
  const answers = client.flatMap(({ tries }) => tries.map(({ answer }) => answer));
  return answers.filter((answer) => answer.kind === "answered" && answer.code === "acceptance_unknown").length;
}
