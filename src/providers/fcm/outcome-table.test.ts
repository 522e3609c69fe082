import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { anAttempt, expectedOutcome } from "../../../test/fixtures/attempts.ts";
import { aCall, anAndroid, ANDROID_TOKEN } from "../../../test/fixtures/builders.ts";
import { sleep } from "../../gateway/sleep.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { Behaviour } from "../../simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { STATUS_ROWS, type OutcomeRow } from "../outcome-row.ts";
import { AccessTokens } from "./access-token.ts";
import { FCM_TABLE } from "./outcome-table.ts";
import { createFcmProvider } from "./provider.ts";

/** No registration token, so that the simulator finds it wrong by itself. */
const BAD_TOKEN = "a1".repeat(32);
const ROWS = Object.entries<OutcomeRow>(FCM_TABLE);

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
async function send(registration: string, ...behaviours: readonly Behaviour[]): Promise<Outcome> {
  simulator.script(ANDROID_TOKEN, ...behaviours);
  const account = simulator.credentials.serviceAccount;
  const serviceAccount = {
    projectId: account.project_id,
    clientEmail: account.client_email,
    privateKey: account.private_key,
  };
  const priority = { call: "high", message: "high", invite: "normal", groupchat: "normal" } as const;
  using tokens = new AccessTokens({ clock: Date.now, sleep });
  const app = { serviceAccount, ...simulator.fcm, ca: simulator.ca, priority };
  await using provider = createFcmProvider(app, { name: "global/fcm", clock: Date.now, tokens });
  const deadline = Date.now() + 60_000;
  const attempt = anAttempt(aCall(), anAndroid({ tokens: { registration } }), { acceptedAt: Date.now(), deadline });
  return await provider.send(attempt, AbortSignal.timeout(10_000));
}

function listWords(kind: OutcomeRow["kind"]): string[] {
  return ROWS.flatMap(([reason, row]) => (row.kind === kind ? [reason] : [])).toSorted();
}

const fcmAttempts = () => simulator.mailbox.attempts().filter(({ provider }) => provider === "fcm");

/** The simulator has Google's words and their statuses from Google's page, and not from the table. */
describe.each(ROWS)("%s", (reason, row) => {
  const token = reason === "INVALID_TOKEN" ? BAD_TOKEN : ANDROID_TOKEN;

  it(`is ${row.kind}`, async () => {
    const outcome = await send(token, { reason });

    expect(outcome).toEqual(expectedOutcome(reason, row));
    expect(fcmAttempts().at(-1)?.answer).toMatchObject({ status: row.status });
  });
});

it.each(listWords("deferred"))("waits as long as Google says after %s", async (reason) => {
  await expect(send(ANDROID_TOKEN, { reason, retryAfterSeconds: 7 })).resolves.toMatchObject({ retryAfterMs: 7_000 });
});

const WORDLESS = Object.values<OutcomeRow>(STATUS_ROWS).filter(({ status }) => status !== 429);

it.each(WORDLESS)("judges a proxy's page by its status: $status is $kind", async (row) => {
  const outcome = await send(ANDROID_TOKEN, { status: row.status });

  expect(outcome).toEqual(expectedOutcome(`HTTP ${row.status}`, row));
});

it("holds back a device or the whole app after these words alone", () => {
  const scopes = ROWS.flatMap(([reason, row]) => ("scope" in row ? [[reason, row.scope]] : []));

  expect(Object.fromEntries(scopes)).toEqual({
    QUOTA_EXCEEDED: "device",
    RATE_LIMIT_EXCEEDED: "app",
    RESOURCE_EXHAUSTED: "app",
    THIRD_PARTY_AUTH_ERROR: "device",
    APNS_AUTH_ERROR: "device",
  });
});

it("knows no more words for each outcome than these; all others reject the push", () => {
  expect(listWords("unregistered")).toEqual(["UNREGISTERED"]);
  expect(listWords("deferred")).toEqual([
    "INTERNAL",
    "QUOTA_EXCEEDED",
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
    "UNSPECIFIED_ERROR",
    "unreadable_answer",
  ]);
  expect(listWords("misconfigured")).toEqual([
    "APNS_AUTH_ERROR",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "SERVICE_DISABLED",
    "THIRD_PARTY_AUTH_ERROR",
    "UNAUTHENTICATED",
  ]);
});

describe("what Google asks for at once", () => {
  it("is a new access token, with which the same push is sent again in the same attempt", async () => {
    const before = simulator.accessTokensIssued();

    const outcome = await send(ANDROID_TOKEN, { reason: "UNAUTHENTICATED", times: 1 });

    expect(outcome).toMatchObject({ kind: "delivered" });
    expect(fcmAttempts().map(({ fate }) => fate)).toEqual(["refused", "delivered"]);
    expect(simulator.accessTokensIssued() - before).toBe(2);
  });

  const others = ROWS.filter(([, { remedy }]) => remedy === undefined);

  it.each(others)("is nothing after %s", async (reason) => {
    await send(reason === "INVALID_TOKEN" ? BAD_TOKEN : ANDROID_TOKEN, { reason, times: 1 });

    expect(fcmAttempts()).toHaveLength(1);
  });
});
