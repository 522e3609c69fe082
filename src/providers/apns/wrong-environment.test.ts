import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { anAttempt, PUSH_ID } from "../../../test/support/attempts.ts";
import { aCall, anIphone, IPHONE_TOKENS } from "../../../test/support/builders.ts";
import type { PushProvider } from "../../gateway/push-provider.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import type { ApnsCertificate } from "./credentials.ts";
import { ProviderTokens } from "./provider-token.ts";
import { createApnsProvider, type ApnsApp } from "./provider.ts";

const BUNDLE_ID = "org.example.phone";
const never = new AbortController().signal;

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ bundleId: BUNDLE_ID });
});

afterEach(() => {
  simulator.forget(IPHONE_TOKENS.voip);
  simulator.mailbox.clear();
});

afterAll(() => simulator[Symbol.asyncDispose]());

function aCertificate(pair = simulator.credentials.apnsCertificate): ApnsCertificate {
  return { kind: "certificate", ...pair, topics: [BUNDLE_ID, `${BUNDLE_ID}.voip`] };
}

function openProvider(overrides: Partial<ApnsApp> = {}): PushProvider {
  const app = { credentials: aCertificate(), topic: BUNDLE_ID, origins: simulator.apns, ca: simulator.ca };
  const deps = { name: "global/apns", clock: Date.now, tokens: new ProviderTokens(Date.now) };
  return createApnsProvider({ ...app, ...overrides }, deps);
}

function anAttemptNow() {
  return anAttempt(aCall(), anIphone(), { acceptedAt: Date.now(), deadline: Date.now() + 60_000 });
}

it("finds a token of the other service there, in the same attempt and with the same id", async () => {
  simulator.setFacts(IPHONE_TOKENS.voip, { environment: "sandbox" });
  await using provider = openProvider();

  const outcome = await provider.send(anAttemptNow(), never);

  expect(outcome).toEqual({ kind: "delivered", providerMessageId: PUSH_ID, environment: "sandbox" });
  expect(simulator.mailbox.attempts()).toMatchObject([
    { environment: "production", messageId: PUSH_ID, answer: { reason: "BadDeviceToken" } },
    { environment: "sandbox", messageId: PUSH_ID, answer: { status: 200 } },
  ]);
});

it.each<[string, () => Partial<ApnsApp>, number]>([
  [
    "the certificate is not for the other service",
    () => ({
      credentials: aCertificate(
        simulator.pki.issueApnsCertificate({ bundleId: BUNDLE_ID, environments: ["production"] }),
      ),
    }),
    2,
  ],
  [
    "both services are one address",
    () => ({ origins: { production: simulator.apns.production, sandbox: simulator.apns.production } }),
    1,
  ],
  ["the other service is out of reach", () => ({ origins: { ...simulator.apns, sandbox: "https://127.0.0.1:1" } }), 1],
])("rejects a token of the other service, and does not call it dead, where %s", async (_why, app, requests) => {
  simulator.setFacts(IPHONE_TOKENS.voip, { environment: "sandbox" });
  await using provider = openProvider(app());

  const outcome = await provider.send(anAttemptNow(), never);

  expect(outcome).toMatchObject({ kind: "rejected", reason: "BadDeviceToken" });
  expect(simulator.mailbox.attempts()).toHaveLength(requests);
});
