import { expect, it } from "vitest";
import {
  anApnsCertificate,
  anAttemptNow,
  BUNDLE_ID,
  openApnsProvider,
  shareSimulator,
} from "../../../test/fixtures/apns-fixture.ts";
import { APNS_ID } from "../../../test/fixtures/attempts.ts";
import { IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import type { ApnsApp } from "./provider.ts";

const never = new AbortController().signal;

let simulator: Simulator;

shareSimulator((started) => (simulator = started));

it("finds a token of the other service there, in the same attempt and with the same id", async () => {
  simulator.setFacts(IPHONE_TOKENS.voip, { environment: "sandbox" });
  await using provider = openApnsProvider(simulator);

  const outcome = await provider.send(anAttemptNow(), never);

  expect(outcome).toEqual({ kind: "delivered", providerMessageId: APNS_ID, environment: "sandbox" });
  expect(simulator.mailbox.attempts()).toMatchObject([
    { environment: "production", messageId: APNS_ID, answer: { reason: "BadDeviceToken" } },
    { environment: "sandbox", messageId: APNS_ID, answer: { status: 200 } },
  ]);
});

it.each<[string, () => Partial<ApnsApp>, number]>([
  [
    "the certificate is not for the other service",
    () => ({
      credentials: anApnsCertificate(
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
  await using provider = openApnsProvider(simulator, app());

  const outcome = await provider.send(anAttemptNow(), never);

  expect(outcome).toMatchObject({ kind: "rejected", reason: "BadDeviceToken" });
  expect(simulator.mailbox.attempts()).toHaveLength(requests);
});
