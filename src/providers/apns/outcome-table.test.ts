import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { APNS_ID, anAttempt, expectedOutcome } from "../../../test/fixtures/attempts.ts";
import { aCall, anIphone, IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { Behaviour } from "../../simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { STATUS_ROWS, type OutcomeRow } from "../outcome-row.ts";
import { APNS_TABLE } from "./outcome-table.ts";
import { ProviderTokens } from "./provider-token.ts";
import { createApnsProvider } from "./provider.ts";

const BUNDLE_ID = "org.example.phone";
const { voip: TOKEN } = IPHONE_TOKENS;
const ROWS = Object.entries<OutcomeRow>(APNS_TABLE);

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ bundleId: BUNDLE_ID });
});

afterEach(() => {
  simulator.forget(TOKEN);
  simulator.mailbox.clear();
});

afterAll(() => simulator[Symbol.asyncDispose]());

/** Sends one call with the real provider to the simulator. */
async function send(...behaviours: readonly Behaviour[]): Promise<Outcome> {
  simulator.script(TOKEN, ...behaviours);
  const credentials = { kind: "token", ...simulator.credentials.apnsTokenKey } as const;
  const app = { credentials, topic: BUNDLE_ID, origins: simulator.apns, ca: simulator.ca };
  const tokens = new ProviderTokens(Date.now);
  await using provider = createApnsProvider(app, { name: "global/apns", clock: Date.now, tokens });
  const attempt = anAttempt(aCall(), anIphone(), { acceptedAt: Date.now(), deadline: Date.now() + 60_000 });
  return await provider.send(attempt, AbortSignal.timeout(10_000));
}

function listWords(kind: OutcomeRow["kind"]): string[] {
  return ROWS.flatMap(([reason, row]) => (row.kind === kind ? [reason] : [])).toSorted();
}

/** The simulator takes Apple's reasons and statuses from Apple's page, not from the table. */
describe.each(ROWS)("%s", (reason, row) => {
  it(`is ${row.kind}`, async () => {
    const deadSince = 1_700_000_000_123;

    const outcome = await send({ reason, timestamp: deadSince });

    const dead = row.kind === "unregistered" ? { deadSince } : {};
    expect(outcome).toEqual({ ...expectedOutcome(reason, row), ...dead });
    expect(simulator.mailbox.attempts().at(-1)?.answer).toEqual({ transport: "answer", status: row.status, reason });
  });
});

it.each(listWords("deferred"))("waits as long as Apple says after %s", async (reason) => {
  await expect(send({ reason, retryAfterSeconds: 7 })).resolves.toMatchObject({ retryAfterMs: 7_000 });
});

it.each(Object.values<OutcomeRow>(STATUS_ROWS))(
  "judges a proxy's page by its status: $status is $kind",
  async (row) => {
    await expect(send({ status: row.status })).resolves.toEqual(expectedOutcome(`HTTP ${row.status}`, row));
  },
);

it("does something at once after these words alone", () => {
  expect(Object.fromEntries(ROWS.flatMap(([reason, { remedy }]) => (remedy ? [[reason, remedy]] : [])))).toEqual({
    IdleTimeout: "reconnect",
    Shutdown: "reconnect",
    UnrelatedKeyIdInToken: "reconnect",
    ExpiredProviderToken: "renew_token",
    TooManyProviderTokenUpdates: "keep_token",
  });
});

it("holds back a device or the whole app after these words alone", () => {
  const scopes = ROWS.flatMap(([reason, row]) => ("scope" in row ? [[reason, row.scope]] : []));

  expect(Object.fromEntries(scopes)).toEqual({ TooManyRequests: "device", TooManyProviderTokenUpdates: "app" });
});

it("knows no more words for each outcome than these; all others reject the push", () => {
  expect(listWords("unregistered")).toEqual(["ExpiredToken", "Unregistered"]);
  expect(listWords("deferred")).toEqual([
    "IdleTimeout",
    "InternalServerError",
    "ServiceUnavailable",
    "Shutdown",
    "TooManyProviderTokenUpdates",
    "TooManyRequests",
  ]);
  expect(listWords("misconfigured")).toEqual([
    "BadCertificate",
    "BadCertificateEnvironment",
    "BadEnvironmentKeyIdInToken",
    "BadEnvironmentKeyInToken",
    "BadTopic",
    "ExpiredProviderToken",
    "Forbidden",
    "InvalidProviderToken",
    "MissingProviderToken",
    "MissingTopic",
    "TopicDisallowed",
    "UnrelatedKeyIdInToken",
  ]);
});

describe("what Apple asks for at once", () => {
  const repeated = ROWS.filter(([, { remedy }]) => remedy === "reconnect" || remedy === "renew_token");
  const others = ROWS.filter((row) => !repeated.includes(row));

  it.each(repeated)("after %s the same push goes over another connection, in the same attempt", async (reason) => {
    const outcome = await send({ reason, times: 1 });

    expect(outcome).toEqual({ kind: "delivered", providerMessageId: APNS_ID });
    const [first, second, ...more] = simulator.mailbox.attempts();
    expect([first, second]).toMatchObject([
      { messageId: APNS_ID, fate: "refused" },
      { messageId: APNS_ID, fate: "delivered" },
    ]);
    expect(second?.connection).not.toBe(first?.connection);
    expect(more).toEqual([]);
  });

  it.each(others)("after %s nothing is sent again in the same attempt", async (reason) => {
    await send({ reason, times: 1 });

    const asked = simulator.mailbox.attempts().map(({ environment }) => environment);
    // A token that one environment does not know is tried in the other, once.
    expect(asked).toEqual(reason === "BadDeviceToken" ? ["production", "sandbox"] : ["production"]);
  });
});
