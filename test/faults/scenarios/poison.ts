import { fileURLToPath } from "node:url";
import { LONE_DEATHS_UNTIL_POISON } from "../../../src/gateway/deliver/quarantine.ts";
import type { FaultHarness } from "../fault-harness.ts";
import type { RunRecord } from "../ledgers.ts";
import { pollUntil } from "../poll-until.ts";
import { startRigLoad } from "../fixture-load.ts";
import type { Scenario } from "../scenario.ts";

const PROVIDER_DELAY_MS = 400;
const IN_FLIGHT = 40;
const POISONED_TIMEOUT_MS = 30_000;
/** The gateway dies of it when it is first built, and then of each time that it is built alone. */
const DEATHS = 1 + LONE_DEATHS_UNTIL_POISON;

export const poison: Scenario = {
  name: "poison",
  fault: `a push kills ${DEATHS} gateways, between kills -9 when the provider owes ${IN_FLIGHT} answers`,
  deadlyPreload: fileURLToPath(new URL("../../e2e/die-of-marker.ts", import.meta.url)),
  short: { rounds: 1, perSecond: 100 },
  long: { rounds: 3, perSecond: 200 },
  async run(fixture, { rounds, perSecond }) {
    const { gateway } = fixture;
    fixture.behave({ delayMs: PROVIDER_DELAY_MS });
    const load = startRigLoad(fixture, { perSecond });
    for (let round = 0; round < rounds; round += 1) await killInFlight(fixture);
    await awaitInFlight(fixture);
    await sendKiller(fixture);
    for (let death = 0; death < DEATHS; death += 1) {
      await gateway.awaitDeath();
      await gateway.start();
    }
    await pollUntil("the killer to be a dead letter", POISONED_TIMEOUT_MS, async () => {
      const count = (await readPoisoned(fixture)).length;
      return count > 0 || "it is none";
    });
    for (let round = 0; round < rounds; round += 1) await killInFlight(fixture);
    await load.stop();
    const poisoned = await readPoisoned(fixture);
    return poisoned.length === 1 ? [] : [`${poisoned.length} dead letters are poison: ${poisoned.join(", ")}`];
  },
  expect: (record, counts, { rounds }) => [
    ...listFailed(record),
    ...(counts.accepted > 0 && counts.lost === 0 ? [] : [`${counts.accepted} accepted, ${counts.lost} lost`]),
    ...(record.kills.length === DEATHS + 2 * rounds ? [] : [`the gateway died ${record.kills.length} times`]),
  ],
};

/** With the gateway away so often, pushes may expire, but none may fail. */
function listFailed({ states }: RunRecord): readonly string[] {
  return [...states].flatMap(([id, state]) => (state?.state === "failed" ? [`${id} failed: ${state.reason}`] : []));
}

async function killInFlight(fixture: FaultHarness): Promise<void> {
  await awaitInFlight(fixture);
  // Another death may follow before all pushes are taken over, so how soon they are says nothing.
  await fixture.gateway.kill({ staysAway: true });
  const startedAt = Date.now();
  await fixture.gateway.start();
  // Otherwise sends of the killed gateway would be counted as in flight at the next kill.
  const isSending = () => (fixture.provider.entries().at(-1)?.receivedAt ?? 0) > startedAt;
  await pollUntil("a send of this gateway", 20_000, isSending);
}

async function awaitInFlight({ provider }: FaultHarness): Promise<void> {
  await pollUntil(`${IN_FLIGHT} sends in flight`, 20_000, () => {
    const owed = provider.unanswered(Date.now());
    return owed >= IN_FLIGHT || `${owed} are`;
  });
}

/** Its answer may be lost, because the gateway dies of it. */
async function sendKiller(fixture: FaultHarness): Promise<void> {
  // The second one has an iPhone and no other phone.
  const [, subscriber] = await fixture.addSubscribers(2, "poison.example.org");
  await fixture.client.post({
    callee: subscriber?.aor,
    kind: "message",
    body: "this one kills its gateway",
    push_id: "killer",
    ttl_seconds: 600,
  });
}

interface DeadLetters {
  readonly dead_letters: readonly { readonly callee: string; readonly deliveries: readonly { reason?: string }[] }[];
}

/** The callees of the pushes that were blamed for the death of a gateway. */
async function readPoisoned({ client }: FaultHarness): Promise<readonly string[]> {
  const { dead_letters: letters } = JSON.parse((await client.get("/v1/dead-letters")) ?? "") as DeadLetters;
  return letters.flatMap(({ callee, deliveries }) =>
    deliveries.some(({ reason }) => reason === "poison") ? [callee] : [],
  );
}
