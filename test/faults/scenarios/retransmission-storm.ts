import { buildPushRequest } from "../load.ts";
import type { FaultHarness } from "../fault-harness.ts";
import { everythingDelivered, type Scenario } from "../scenario.ts";
import { tokensFor, type TestSubscriber } from "../subscribers.ts";

const COPIES = 100;

/**
 * A proxy that forks and retransmits: the same call requested a hundred times at once, with and without a client's id.
 */
export const retransmissionStorm: Scenario = {
  name: "retransmission-storm",
  fault: `the same call asked for ${COPIES} times at once, half of the calls without a push_id`,
  short: { rounds: 20, perSecond: 0 },
  long: { rounds: 200, perSecond: 0 },
  async run(fixture, { rounds }) {
    for (let round = 0; round < rounds; round += 1) {
      const subscriber = fixture.subscribers[round % fixture.subscribers.length] ?? fixture.subscribers[0];
      await storm(fixture, subscriber, `storm-${round}`, round % 2 === 0);
    }
    return [];
  },
  expect: (record, counts) => {
    const wanted = record.client.reduce((sum, { tokens }) => sum + tokens.length, 0);
    return [
      ...everythingDelivered(record, counts),
      ...(counts.sends === wanted ? [] : [`${counts.sends} sends for ${wanted} devices`]),
      ...(counts.accepted === record.client.length ? [] : [`${counts.accepted} of ${record.client.length} accepted`]),
    ];
  },
};

async function storm(fixture: FaultHarness, subscriber: TestSubscriber, key: string, isNamed: boolean): Promise<void> {
  const { client, ledger } = fixture;
  const push = { key, kind: "call", callee: subscriber.aor, ttlSeconds: 60 } as const;
  const tokens = tokensFor(subscriber, "call");
  const request = buildPushRequest({ ...push, tokens });
  const body = isNamed ? request : { ...request, push_id: undefined };
  ledger.open({ key, kind: "call", callee: subscriber.aor, ttlMs: push.ttlSeconds * 1000, tokens });
  const copies = Array.from({ length: COPIES }, async () => {
    const record = ledger.begin(key);
    record(await client.post(body));
  });
  await Promise.all(copies);
}
