import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { anAttempt } from "../../test/support/attempts.ts";
import { aCall, anAndroid } from "../../test/support/builders.ts";
import type { PushProvider } from "../gateway/push-provider.ts";
import type { ProviderName } from "../push/device.ts";
import { startSimulator } from "../simulator/simulator.ts";
import { createProviderDirectory, type Apps, type ConfiguredApps } from "./directory.ts";

const priority = { call: "high", message: "high", invite: "normal", groupchat: "normal" } as const;
const NOWHERE = "https://127.0.0.1:9";

const apns = (): NonNullable<Apps["apns"]> => ({
  credentials: { kind: "token", key: "never read", keyId: "KEY", teamId: "TEAM" },
  topic: "org.example.phone",
  origins: { production: NOWHERE, sandbox: NOWHERE },
});
const fcm = (): NonNullable<Apps["fcm"]> => ({
  serviceAccount: { projectId: "p", clientEmail: "e", privateKey: aKey },
  origin: NOWHERE,
  tokenEndpoint: `${NOWHERE}/token`,
  priority,
});
const gcm = (): NonNullable<Apps["gcm"]> => ({ key: "k", endpoint: `${NOWHERE}/fcm/send`, priority });
const aKey = String(
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }),
);

function openDirectory(apps: Apps, domains: ConfiguredApps["domains"] = []) {
  return createProviderDirectory({ apps, domains }, { clock: Date.now, guard: (provider) => provider });
}

describe("a domain without apps of its own", () => {
  it("is served by the global apps, and so is one that nobody configured", async () => {
    await using directory = openDirectory({ apns: apns(), fcm: fcm() }, [{ domain: "example.org", apps: {} }]);

    for (const provider of ["apns", "fcm"] as const) {
      expect(directory.find("example.org", provider)).toBeDefined();
      expect(directory.find("example.net", provider)).toBe(directory.find("example.org", provider));
    }
  });

  it("is not served where there is no app", async () => {
    await using directory = openDirectory({ apns: apns() });

    expect(directory.find("example.org", "fcm")).toBeUndefined();
    expect(directory.find("example.org", "gcm")).toBeUndefined();
  });

  it("is not served by a global app that was switched off for it", async () => {
    await using directory = openDirectory({ apns: apns(), fcm: fcm() }, [
      { domain: "example.org", apps: {}, disabledProviders: ["apns", "fcm"] },
    ]);

    expect(directory.find("example.org", "apns")).toBeUndefined();
    expect(directory.find("example.org", "fcm")).toBeUndefined();
    expect(directory.find("example.org", "gcm")).toBeUndefined();
    expect(directory.find("example.net", "apns")).toBeDefined();
  });
});

describe("a domain with an app of its own", () => {
  it("is served by that one, and others are not", async () => {
    await using directory = openDirectory({ apns: apns() }, [{ domain: "example.org", apps: { apns: apns() } }]);

    const own = directory.find("example.org", "apns");

    expect(own).toBeDefined();
    expect(directory.find("example.net", "apns")).not.toBe(own);
  });

  it("is served by the global app for what it has none", async () => {
    await using directory = openDirectory({ apns: apns(), fcm: fcm() }, [
      { domain: "example.org", apps: { apns: apns() } },
    ]);

    expect(directory.find("example.org", "fcm")).toBe(directory.find("example.net", "fcm"));
  });

  it("keeps its own app although the global one was switched off for it", async () => {
    await using directory = openDirectory({ fcm: fcm() }, [
      { domain: "example.org", apps: { fcm: fcm() }, disabledProviders: ["fcm"] },
    ]);

    const own = directory.find("example.org", "fcm");

    expect(own).toBeDefined();
    expect(own).not.toBe(directory.find("example.net", "fcm"));
  });
});

describe("devices of Google's old and new service", () => {
  it.each<[ProviderName, Apps, ProviderName]>([
    ["gcm", { fcm: fcm() }, "fcm"],
    ["fcm", { gcm: gcm() }, "gcm"],
    ["gcm", { fcm: fcm(), gcm: gcm() }, "gcm"],
    ["fcm", { fcm: fcm(), gcm: gcm() }, "fcm"],
  ])("a %s device is reached through %j's %s", async (device, apps, way) => {
    await using directory = openDirectory(apps);

    expect(await readReason(directory.find("example.org", device))).toBe(way);
  });

  it("never go through another's app while the domain has one of its own", async () => {
    await using directory = openDirectory({ fcm: fcm() }, [{ domain: "example.org", apps: { gcm: gcm() } }]);

    expect(await readReason(directory.find("example.org", "fcm"))).toBe("gcm");
    expect(await readReason(directory.find("example.net", "gcm"))).toBe("fcm");
  });

  it("go the other way where one is switched off", async () => {
    await using directory = openDirectory({ fcm: fcm(), gcm: gcm() }, [
      { domain: "example.org", apps: {}, disabledProviders: ["gcm"] },
    ]);

    expect(await readReason(directory.find("example.org", "gcm"))).toBe("fcm");
  });
});

it("closes every provider with it, the global ones and the domains'", async () => {
  await using simulator = await startSimulator();
  const app = { key: simulator.credentials.gcmKey, endpoint: simulator.gcm.endpoint, ca: simulator.ca, priority };
  const directory = openDirectory({ gcm: app }, [{ domain: "example.org", apps: { gcm: app } }]);
  const providers = ["example.org", "example.net"].map((domain) => directory.find(domain, "gcm"));
  const send = (provider: PushProvider | undefined) =>
    provider?.send(anAttempt(aCall(), anAndroid(), { deadline: Date.now() + 60_000 }), AbortSignal.timeout(5_000));
  for (const provider of providers) await expect(send(provider)).resolves.toMatchObject({ kind: "delivered" });

  await directory[Symbol.asyncDispose]();

  for (const provider of providers) await expect(send(provider)).resolves.toMatchObject({ reason: "not_reached" });
});

/** FCM alone needs a token first, so that the reason tells which one it is while neither can be reached. */
async function readReason(provider: PushProvider | undefined): Promise<ProviderName> {
  const outcome = await provider?.send(anAttempt(aCall(), anAndroid()), AbortSignal.timeout(5_000));
  if (outcome?.kind !== "deferred") throw new Error("somebody was reached");
  return outcome.reason === "oauth_unavailable" ? "fcm" : "gcm";
}
