import { afterAll, beforeAll, expect, it } from "vitest";
import { createProviderTokenKey } from "../../simulator/credentials.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { probeApns } from "./probe.ts";
import type { ApnsApp } from "./provider.ts";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(() => simulator[Symbol.asyncDispose]());

function anApnsApp(overrides: Partial<ApnsApp> = {}): ApnsApp {
  const { bundleId, apnsTokenKey } = simulator.credentials;
  return {
    credentials: { kind: "token", ...apnsTokenKey },
    topic: bundleId,
    origins: simulator.apns,
    ca: simulator.ca,
    payloadProfile: "standard",
    voipExpiryMs: 30_000,
    ...overrides,
  };
}

function certificateFor(environments: readonly ("production" | "sandbox")[]) {
  const { bundleId } = simulator.credentials;
  const pair = simulator.pki.issueApnsCertificate({ bundleId, environments });
  return { kind: "certificate", ...pair, topics: [bundleId] } as const;
}

const signal = () => AbortSignal.timeout(10_000);
const probe = (
  app: ApnsApp,
  environment: "production" | "sandbox" = "production",
  tokenKind: "remote" | "voip" = "remote",
) => probeApns(app, { environment, tokenKind }, Date.now, signal());

it("hears BadDeviceToken from an Apple that takes a key or a certificate, in both services, and for calls", async () => {
  const known = { kind: "rejected", reason: "BadDeviceToken" };
  const certificate = certificateFor(["production", "sandbox"]);

  expect(await probe(anApnsApp())).toMatchObject(known);
  expect(await probe(anApnsApp(), "sandbox")).toMatchObject(known);
  expect(await probe(anApnsApp({ credentials: certificate }))).toMatchObject(known);
  expect(
    await probe(anApnsApp({ credentials: certificate, voipCredentials: certificate }), "production", "voip"),
  ).toMatchObject(known);
});

it("hears what Apple has against a key", async () => {
  const stranger = createProviderTokenKey({ keyId: "STRANGE001", teamId: "SIMTEAM001" });

  expect(await probe(anApnsApp({ credentials: { kind: "token", ...stranger } }))).toEqual({
    kind: "misconfigured",
    reason: "InvalidProviderToken",
  });
});

it("hears that a certificate is for one service alone", async () => {
  const app = anApnsApp({ credentials: certificateFor(["production"]) });

  expect(await probe(app)).toMatchObject({ reason: "BadDeviceToken" });
  expect(await probe(app, "sandbox")).toMatchObject({ kind: "misconfigured", reason: "BadCertificateEnvironment" });
});

it("hears nothing where nobody listens", async () => {
  const nowhere = "https://127.0.0.1:1";

  expect(await probe(anApnsApp({ origins: { production: nowhere, sandbox: nowhere } }))).toMatchObject({
    kind: "deferred",
  });
});
