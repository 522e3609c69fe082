import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { anAttempt, expectedOutcome } from "../../../test/fixtures/attempts.ts";
import { aCall, anAndroid, ANDROID_TOKEN } from "../../../test/fixtures/builders.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { Behaviour } from "../../simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import type { OutcomeRow } from "../outcome-row.ts";
import { GCM_TABLE } from "./outcome-table.ts";
import { createGcmProvider } from "./provider.ts";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterEach(() => {
  simulator.forget(ANDROID_TOKEN);
  simulator.mailbox.clear();
});

afterAll(() => simulator[Symbol.asyncDispose]());

/** Sends one call with the real provider to the simulator. */
async function send(behaviour: Behaviour): Promise<Outcome> {
  simulator.script(ANDROID_TOKEN, behaviour);
  const { gcm, ca, credentials } = simulator;
  const priority = { call: "high", message: "normal", invite: "normal", groupchat: "normal" } as const;
  const app = { key: credentials.gcmKey, endpoint: gcm.endpoint, ca, priority };
  await using provider = createGcmProvider(app, { name: "global/gcm", clock: Date.now });
  const deadline = Date.now() + 60_000;
  const attempt = anAttempt(aCall(), anAndroid({ provider: "gcm" }), { acceptedAt: Date.now(), deadline });
  return await provider.send(attempt, AbortSignal.timeout(10_000));
}

/** Answers behind our own reason codes; the other codes are Google's. */
const OWN_WORDS: Readonly<Record<string, readonly Behaviour[]>> = {
  bad_server_key: [{ status: 401 }, { status: 403 }],
  gcm_switched_off: [
    { status: 404 },
    { status: 404, body: "<html>The requested URL /fcm/send was not found on this server.</html>" },
    { reason: "DeprecatedApi" },
    { body: '{"error":"Deprecated endpoint, see https://firebase.google.com/docs/cloud-messaging/migrate-v1"}' },
  ],
  unreadable_answer: [{ body: "<html>Welcome to the captive portal</html>" }, { body: '{"results":[{}]}' }],
};

const CASES = Object.entries<OutcomeRow>(GCM_TABLE).flatMap(([reason, row]) =>
  (OWN_WORDS[reason] ?? [{ reason }]).map((behaviour) => ({ reason, row, behaviour })),
);

describe.each(CASES)("$reason, told by $behaviour", ({ reason, row, behaviour }) => {
  it(`is ${row.kind}`, async () => {
    const outcome = await send(behaviour);

    expect(outcome).toEqual(expectedOutcome(reason, row));
    expect(simulator.mailbox.attempts()).toHaveLength(1);
  });
});

const DEFERRED = CASES.filter(({ row }) => row.kind === "deferred");

it.each(DEFERRED)("waits as long as the answer says after $reason, told by $behaviour", async ({ behaviour }) => {
  await expect(send({ ...behaviour, retryAfterSeconds: 7 })).resolves.toMatchObject({ retryAfterMs: 7_000 });
});

it("knows no more words for each outcome than these; all others reject the push", () => {
  const listWords = (kind: OutcomeRow["kind"]) =>
    Object.entries<OutcomeRow>(GCM_TABLE).flatMap(([reason, row]) => (row.kind === kind ? [reason] : []));

  expect(listWords("unregistered")).toEqual(["NotRegistered"]);
  expect(listWords("deferred").toSorted()).toEqual([
    "DeviceMessageRateExceeded",
    "InternalServerError",
    "TopicsMessageRateExceeded",
    "Unavailable",
    "unreadable_answer",
  ]);
  expect(listWords("misconfigured").toSorted()).toEqual([
    "InvalidApnsCredential",
    "InvalidPackageName",
    "bad_server_key",
    "gcm_switched_off",
  ]);
});
