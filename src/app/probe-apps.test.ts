import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApnsAppConfig, FcmAppConfig } from "../config/config.ts";
import { createProviderTokenKey, createServiceAccount } from "../simulator/credentials.ts";
import { startSimulator, type Simulator } from "../simulator/simulator.ts";
import { probeApns, probeFcm } from "./probe-apps.ts";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(() => simulator[Symbol.asyncDispose]());

const NORMAL = { call: "high", message: "normal", invite: "normal", groupchat: "normal" } as const;

function anApnsApp(overrides: Partial<ApnsAppConfig> = {}): ApnsAppConfig {
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
  return { kind: "certificate", ...pair, topics: [bundleId], environments, expiresAt: 0, file: "" } as const;
}

const signal = () => AbortSignal.timeout(10_000);
const probe = (
  app: ApnsAppConfig,
  environment: "production" | "sandbox" = "production",
  tokenKind: "remote" | "voip" = "remote",
) => probeApns(app, { environment, tokenKind }, Date.now, signal());

function anFcmApp(overrides: Partial<FcmAppConfig> = {}): FcmAppConfig {
  const {
    project_id: projectId,
    client_email: clientEmail,
    private_key: privateKey,
  } = simulator.credentials.serviceAccount;
  return {
    serviceAccount: { projectId, clientEmail, privateKey },
    origin: simulator.fcm.origin,
    tokenEndpoint: simulator.fcm.tokenEndpoint,
    ca: simulator.ca,
    priority: NORMAL,
    payloadProfile: "standard",
    ...overrides,
  };
}

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

it("has Google check a message, and sends none", async () => {
  expect(await probeFcm(anFcmApp(), Date.now, signal())).toMatchObject({ kind: "delivered" });
  expect(simulator.mailbox.deliveries()).toEqual([]);
});

it("hears what Google has against a service account or a project", async () => {
  const stranger = await createServiceAccount({ projectId: "other", tokenUri: simulator.fcm.tokenEndpoint });
  const { project_id: projectId, client_email: clientEmail, private_key: privateKey } = stranger.account;
  const otherProject = { ...anFcmApp().serviceAccount, projectId: "other" };

  expect(
    (await probeFcm(anFcmApp({ serviceAccount: { projectId, clientEmail, privateKey } }), Date.now, signal())).kind,
  ).toBe("misconfigured");
  expect((await probeFcm(anFcmApp({ serviceAccount: otherProject }), Date.now, signal())).kind).toBe("misconfigured");
});
