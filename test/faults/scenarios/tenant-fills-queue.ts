import type { FaultHarness } from "../fault-harness.ts";
import type { ProviderEntry, RunRecord } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { pollUntil } from "../poll-until.ts";
import { readAcceptances } from "../read-client.ts";
import { openRedisWithRoomFor } from "../redis-under-test.ts";
import { readRefusals } from "../refusals.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import { openSqliteWithRoomFor } from "../store-under-test.ts";
import type { TestSubscriber } from "../subscribers.ts";

const ROOM = 200;
/** Each shard has its part of it. */
const REDIS_ROOM = 400;
const HEALTHY = "example.org";
const TROUBLED = "busy.example";
/** Enough that no callee's bound is reached before the domain's. */
const TROUBLED_SUBSCRIBERS = 40;
const FLOOD_PER_SECOND = 200;
const REFUSED = 20;
const FULL_MS = 2_000;
/** Pushes accepted this long before the end of the trouble must have been sent before its end. */
const NO_WAIT_MS = 1_500;

/**
 * One tenant's provider is away and its messages pile up. The other tenant's calls and messages must not be affected.
 */
export const tenantFillsQueue: Scenario = {
  name: "tenant-fills-queue",
  fault: `a domain whose providers answer 503 is sent messages until the queue refuses them; another domain goes on`,
  openStore: openSqliteWithRoomFor(ROOM),
  domains: [HEALTHY, TROUBLED],
  short: { rounds: 1, perSecond: 40 },
  long: { rounds: 5, perSecond: 60 },
  async run(fixture, { rounds, perSecond }) {
    const troubled = await fixture.addSubscribers(TROUBLED_SUBSCRIBERS, TROUBLED);
    const found: string[] = [];
    for (let round = 0; round < rounds; round += 1) found.push(...(await fillQueue(fixture, troubled, perSecond)));
    return found;
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...listTurnedAway(record),
    ...(counts.duplicates === 0 ? [] : [`${counts.duplicates} duplicates`]),
    ...(counts.triesWithoutAnswer === 0 ? [] : [`${counts.triesWithoutAnswer} requests got no answer`]),
  ],
};

export const tenantFillsRedis: Scenario = {
  ...tenantFillsQueue,
  name: "tenant-fills-redis",
  openStore: openRedisWithRoomFor(REDIS_ROOM),
};

type Subscribers = readonly [TestSubscriber, ...TestSubscriber[]];

async function fillQueue(fixture: FaultHarness, troubled: Subscribers, perSecond: number): Promise<readonly string[]> {
  const tokens = troubled.flatMap(({ remote, registration = remote }) => [remote, registration]);
  fixture.behaveTo(tokens, { status: 503 });
  const before = readRefusals(fixture.ledger.entries()).length;
  const flood = startRigLoad(fixture, {
    subscribers: troubled,
    kinds: ["message"],
    perSecond: FLOOD_PER_SECOND,
    shareWithoutRepeat: 1,
  });
  await pollUntil("the queue to refuse messages", 20_000, () => {
    const refused = readRefusals(fixture.ledger.entries()).length - before;
    return refused >= REFUSED || `${refused} were refused`;
  });
  const fullAt = Date.now();
  const healthy = startRigLoad(fixture, { perSecond, shareWithoutRepeat: 1 });
  await letLoadRun(FULL_MS);
  const overAt = Date.now();
  fixture.behaveTo(tokens, undefined);
  await healthy.stop();
  await flood.stop();
  await fixture.awaitQuiet(30_000);
  return listDelayed(fixture, fullAt, overAt - NO_WAIT_MS, overAt);
}

/** Returns pushes of the healthy domain that had not been sent before the trouble was over. */
function listDelayed({ ledger, provider }: FaultHarness, from: number, to: number, overAt: number): readonly string[] {
  const sent = Map.groupBy(provider.entries(), ({ pushId }: ProviderEntry) => pushId);
  const accepted = ledger
    .entries()
    .filter(({ callee }) => callee.endsWith(HEALTHY))
    .flatMap((entry) => readAcceptances(entry).slice(0, 1))
    .filter(({ at }) => at >= from && at <= to);
  const delayed = accepted.filter(({ id }) => !sent.get(id)?.some(({ receivedAt }) => receivedAt < overAt));
  if (accepted.length === 0) return ["no push of the healthy domain was accepted while the queue was full"];
  return delayed.map(({ id }) => `${id} of the healthy domain was not sent before the other one's trouble was over`);
}

/** Returns clients that were refused because of the full queue. */
function listTurnedAway({ client }: RunRecord): readonly string[] {
  const refused = client.filter((entry) =>
    readRefusals([entry]).some(({ answer }) => answer.kind === "answered" && answer.code === "queue_full"),
  );
  const wrongly = refused.filter(({ callee }) => !callee.endsWith(TROUBLED));
  const rude = readRefusals(client).filter(({ answer }) => !((answer.retryAfterSeconds ?? 0) >= 1)).length;
  return [
    ...wrongly.map(({ key, kind }) => `a ${kind} to the healthy domain was refused (${key})`),
    ...(rude === 0 ? [] : [`${rude} refusals did not say when to try again`]),
  ];
}
