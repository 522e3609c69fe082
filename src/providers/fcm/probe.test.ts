import { afterAll, beforeAll, expect, it } from "vitest";
import { createServiceAccount } from "../../simulator/credentials.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { probeFcm } from "./probe.ts";
import type { FcmApp } from "./provider.ts";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(() => simulator[Symbol.asyncDispose]());

const NORMAL = { call: "high", message: "normal", invite: "normal", groupchat: "normal" } as const;

const signal = () => AbortSignal.timeout(10_000);

function anFcmApp(overrides: Partial<FcmApp> = {}): FcmApp {
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
