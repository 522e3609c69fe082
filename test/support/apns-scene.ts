import { afterAll, afterEach, beforeAll } from "vitest";
import type { PushProvider } from "../../src/gateway/push-provider.ts";
import type { ApnsCertificate } from "../../src/providers/apns/credentials.ts";
import { ProviderTokens } from "../../src/providers/apns/provider-token.ts";
import { createApnsProvider, type ApnsApp } from "../../src/providers/apns/provider.ts";
import type { Device } from "../../src/push/device.ts";
import type { PushRequest } from "../../src/push/push.ts";
import type { PemPair } from "../../src/simulator/certificates.ts";
import { startSimulator, type Simulator } from "../../src/simulator/simulator.ts";
import { buildNotificationId } from "../../src/push/uuids.ts";
import { anAttempt, PUSH_ID } from "./attempts.ts";
import { aCall, anIphone, IPHONE_TOKENS } from "./builders.ts";

export const BUNDLE_ID = "org.example.phone";

/** Shares one simulator among all tests of a file, and resets it for each. */
export function shareSimulator(onStarted: (simulator: Simulator) => void): void {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ bundleId: BUNDLE_ID });
    onStarted(simulator);
  });
  afterEach(() => {
    for (const token of Object.values(IPHONE_TOKENS)) simulator.forget(token);
    simulator.mailbox.clear();
  });
  afterAll(() => simulator[Symbol.asyncDispose]());
}

/** A certificate for the app's calls and other pushes. */
export function anApnsCertificate(pair: PemPair): ApnsCertificate {
  return { kind: "certificate", ...pair, topics: [BUNDLE_ID, `${BUNDLE_ID}.voip`] };
}

/** Opens a provider for the app that the simulator knows, with the simulator's certificate by default. */
export function openApnsProvider(
  simulator: Simulator,
  overrides: Partial<ApnsApp> = {},
  clock = Date.now,
): PushProvider {
  const tokens = new ProviderTokens(clock);
  const credentials = anApnsCertificate(simulator.credentials.apnsCertificate);
  const app = { credentials, topic: BUNDLE_ID, origins: simulator.apns, ca: simulator.ca };
  return createApnsProvider({ ...app, ...overrides }, { name: "global/apns", clock, tokens });
}

/** An attempt with a minute left by the machine's clock. */
export function anAttemptNow(request: PushRequest = aCall(), device: Device = anIphone(), id = PUSH_ID) {
  return anAttempt(request, device, { id, acceptedAt: Date.now(), deadline: Date.now() + 60_000 });
}

/** An attempt with a minute left by another clock. */
export function anAttemptAt(now: number) {
  return anAttempt(aCall(), anIphone(), { id: PUSH_ID, acceptedAt: now, deadline: now + 60_000 });
}

/** The `apns-id` of a push to the device `iphone`. */
export const apnsIdOf = (pushId: string) => buildNotificationId(pushId, "iphone");

export const numberedId = (number: number) => PUSH_ID.slice(0, -4) + String(number).padStart(4, "0");

export function idsDelivered(simulator: Simulator): string[] {
  return simulator.mailbox
    .deliveries()
    .map(({ messageId }) => messageId)
    .toSorted();
}
