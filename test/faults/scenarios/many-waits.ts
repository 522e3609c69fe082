import type { FaultHarness } from "../fault-harness.ts";
import type { ClientEntry } from "../ledgers.ts";
import { letLoadRun } from "../let-load-run.ts";
import { buildPushRequest, isFinal, MAX_TRIES, pauseBeforeRepeat } from "../load.ts";
import { pollUntil } from "../poll-until.ts";
import { createPushClient, type PushClient } from "../push-client.ts";
import { openRedisUnderTest } from "../redis-under-test.ts";
import { startRigLoad } from "../fixture-load.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import { readMetrics } from "../state-ledger.ts";
import { tokensFor, type TestSubscriber } from "../subscribers.ts";

const CALLED = "example.org";
const AWAITED = "waits.example";
const AWAITED_SUBSCRIBERS = 100;
const WAITS_PER_ROUND = 1_250;
const WAIT_SECONDS = 8;
/** All of them are answered at the same time. */
const ANSWER_MS = 30_000;
const TTL_SECONDS = 120;
const MAX_FILL_MS = 60_000;
const CALLS_MS = 4_000;

/** Clients that wait for the end of their pushes must not delay others: calls are accepted throughout. */
export const manyWaits: Scenario = {
  name: "many-waits",
  fault: `${WAITS_PER_ROUND} clients and more hold a request for ${WAIT_SECONDS} s each, for messages that their provider refuses`,
  openStore: openRedisUnderTest,
  domains: [CALLED, AWAITED],
  short: { rounds: 1, perSecond: 40 },
  long: { rounds: 4, perSecond: 40 },
  async run(fixture, { rounds, perSecond }) {
    const awaited = await fixture.addSubscribers(AWAITED_SUBSCRIBERS, AWAITED);
    const tokens = awaited.flatMap((subscriber) => tokensFor(subscriber, "message"));
    const count = rounds * WAITS_PER_ROUND;
    using client = createPushClient({ port: fixture.port, connections: count, timeoutMs: ANSWER_MS });
    fixture.behaveTo(tokens, { status: 503 });
    const waits = Array.from({ length: count }, (_, index) =>
      postAndWait(fixture, client, awaited[index % awaited.length] ?? awaited[0], `wait-${index}`),
    );
    await pollUntil("all the messages to wait", MAX_FILL_MS, async () => {
      const { queued } = await readMetrics(fixture.client);
      return queued >= count || `${queued} of ${count} wait`;
    });
    const calls = startRigLoad(fixture, { perSecond, kinds: ["call"], shareWithoutRepeat: 1 });
    await letLoadRun(CALLS_MS);
    await calls.stop();
    fixture.behaveTo(tokens, undefined);
    await Promise.all(waits);
    return [];
  },
  expect: (record, counts) => [
    ...everythingDelivered(record, counts),
    ...listRefusedCalls(record.client).filter((refusal) => !isOverload(refusal)),
    ...listUnanswered(record.client),
  ],
};

/** Repeats the request, as a platform does, until it is accepted. */
async function postAndWait(
  fixture: FaultHarness,
  client: PushClient,
  subscriber: TestSubscriber,
  key: string,
): Promise<void> {
  const push = { key, kind: "message", callee: subscriber.aor, tokens: tokensFor(subscriber, "message") } as const;
  fixture.ledger.open({ ...push, ttlMs: TTL_SECONDS * 1000 });
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const record = fixture.ledger.begin(key);
    const answer = await client.post(buildPushRequest({ ...push, ttlSeconds: TTL_SECONDS }), WAIT_SECONDS);
    record(answer);
    if (isFinal(answer)) return;
    await pauseBeforeRepeat(tries);
  }
}

function listRefusedCalls(client: readonly ClientEntry[]): readonly string[] {
  return client.flatMap(({ key, kind, tries }) =>
    tries.flatMap(({ answer }) =>
      kind === "call" && answer.kind === "answered" && answer.status === 503
        ? [`a call was refused with ${answer.code} (${key})`]
        : [],
    ),
  );
}

/** Returns a line for each reason for which requests got no answer. */
function listUnanswered(client: readonly ClientEntry[]): readonly string[] {
  const reasons = client.flatMap(({ tries }) =>
    tries.flatMap(({ answer }) => (answer.kind === "no-answer" ? [answer.reason] : [])),
  );
  const groups = Object.entries(Object.groupBy(reasons, (reason) => reason));
  return groups.map(([reason, all = []]) => `${all.length} requests got no answer: ${reason}`);
}

/** On a busy machine the event loop is late, and then any request may be refused. */
function isOverload(refusal: string): boolean {
  return refusal.includes(" overloaded ");
}
