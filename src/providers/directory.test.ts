import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { anAttempt } from "../../test/fixtures/attempts.ts";
import { startTcpProxy } from "../../test/faults/tcp-proxy.ts";
import { aCall, anAndroid, ANDROID_TOKEN, anIphone } from "../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import { createAlarms } from "../gateway/alarms.ts";
import type { GuardedProvider } from "../gateway/push-provider.ts";
import { sleep } from "../gateway/sleep.ts";
import type { ProviderName } from "../push/device.ts";
import { OAUTH_TOKEN } from "../simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../simulator/simulator.ts";
import type { ConfiguredApps } from "./configured-apps.ts";
import type { Apps } from "./providers.ts";
import { createProviderDirectory } from "./directory.ts";

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
  const events = createRecordingEvents();
  const alarms = createAlarms({ events, clock: Date.now });
  const deps = { clock: Date.now, sleep, events, alarms, guard: (provider: GuardedProvider) => provider };
  return Object.assign(createProviderDirectory({ apps, domains }, deps), { alarms });
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

describe("an app that is out of order", () => {
  it("keeps its pushes for a later attempt, and no other app stands in for it", async () => {
    await using directory = openDirectory({ apns: apns() }, [
      { domain: "example.org", apps: {}, outOfOrder: ["apns"], disabledProviders: ["apns"] },
    ]);

    const provider = directory.find("example.org", "apns");

    const outcome = await provider?.send(anAttempt(aCall(), anIphone()), AbortSignal.timeout(5_000));
    expect(outcome).toEqual({ kind: "deferred", reason: "credentials_unusable" });
  });
});

describe("other apps in place of those before", () => {
  const send = (provider: GuardedProvider | undefined) =>
    provider?.send(anAttempt(aCall(), anAndroid(), { deadline: Date.now() + 60_000 }), AbortSignal.timeout(5_000));
  const DELIVERED = expect.objectContaining({ kind: "delivered" });

  /** Google behind a link that counts connections. */
  async function openGoogle() {
    await using opened = new AsyncDisposableStack();
    const simulator = opened.use(await startSimulator());
    const link = opened.use(await startTcpProxy({ port: Number(new URL(simulator.fcm.origin).port) }));
    const origin = `https://127.0.0.1:${link.port}`;
    const closing = opened.move();
    const { ca } = simulator;
    return {
      simulator,
      link,
      gcm: { key: simulator.credentials.gcmKey, endpoint: `${origin}/fcm/send`, ca, priority },
      fcm: { serviceAccount: readAccount(simulator), origin, tokenEndpoint: simulator.fcm.tokenEndpoint, ca, priority },
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  }

  it("leave the connections of an app alone whose settings are the same", async () => {
    await using google = await openGoogle();
    await using directory = openDirectory({ gcm: google.gcm });
    await expect(send(directory.find("example.org", "gcm"))).resolves.toEqual(DELIVERED);

    directory.replace({ apps: { gcm: { ...google.gcm }, apns: apns() }, domains: [{ domain: "a.org", apps: {} }] });

    await expect(send(directory.find("example.org", "gcm"))).resolves.toEqual(DELIVERED);
    expect(google.link.opened).toBe(1);
  });

  it("let a changed app end what it has begun, give it nothing more, and close it then", async () => {
    await using google = await openGoogle();
    google.simulator.script(ANDROID_TOKEN, { delayMs: 200, times: 1 });
    await using directory = openDirectory({ gcm: google.gcm });
    const begun = send(directory.find("example.org", "gcm"));
    await google.simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN);

    directory.replace({ apps: { gcm: { ...google.gcm, priority: { ...priority, call: "normal" } } }, domains: [] });
    const next = await send(directory.find("example.org", "gcm"));

    expect(next).toEqual(DELIVERED);
    expect(google.link.connections).toBe(2);
    await expect(begun).resolves.toEqual(DELIVERED);
    await vi.waitFor(() => expect(google.link.connections).toBe(1));
  });

  it("go on with the access token of a service account that stays", async () => {
    await using google = await openGoogle();
    await using directory = openDirectory({ fcm: google.fcm });
    await send(directory.find("example.org", "fcm"));

    directory.replace({
      apps: { fcm: { ...google.fcm, priority: { ...priority, call: "normal" } } },
      domains: [{ domain: "a.org", apps: { fcm: google.fcm } }],
    });

    await expect(send(directory.find("example.org", "fcm"))).resolves.toEqual(DELIVERED);
    await expect(send(directory.find("a.org", "fcm"))).resolves.toEqual(DELIVERED);
    expect(google.simulator.accessTokensIssued()).toBe(1);
  });

  it("take the alarm of an app with them that is no longer there", async () => {
    await using google = await openGoogle();
    google.simulator.script(OAUTH_TOKEN, { status: 503 });
    await using directory = openDirectory({ fcm: google.fcm }, [{ domain: "a.org", apps: { fcm: google.fcm } }]);
    await send(directory.find("example.org", "fcm"));
    const listed = () => directory.alarms.list().map(({ kind, app }) => `${kind} ${app}`);
    expect(listed()).toEqual(["token_endpoint global/fcm", "token_endpoint a.org/fcm"]);

    directory.replace({ apps: { fcm: google.fcm }, domains: [] });

    expect(listed()).toEqual(["token_endpoint global/fcm"]);
  });
});

it("closes every provider with it, the global ones and the domains'", async () => {
  await using simulator = await startSimulator();
  const app = { key: simulator.credentials.gcmKey, endpoint: simulator.gcm.endpoint, ca: simulator.ca, priority };
  const directory = openDirectory({ gcm: app }, [{ domain: "example.org", apps: { gcm: app } }]);
  const providers = ["example.org", "example.net"].map((domain) => directory.find(domain, "gcm"));
  const send = (provider: GuardedProvider | undefined) =>
    provider?.send(anAttempt(aCall(), anAndroid(), { deadline: Date.now() + 60_000 }), AbortSignal.timeout(5_000));
  for (const provider of providers) await expect(send(provider)).resolves.toMatchObject({ kind: "delivered" });

  await directory[Symbol.asyncDispose]();

  for (const provider of providers) await expect(send(provider)).resolves.toMatchObject({ reason: "not_reached" });
});

function readAccount({ credentials }: Simulator) {
  const { project_id: projectId, client_email: clientEmail, private_key: privateKey } = credentials.serviceAccount;
  return { projectId, clientEmail, privateKey };
}

/** FCM alone needs a token first, so that the reason tells which one it is while neither can be reached. */
async function readReason(provider: GuardedProvider | undefined): Promise<ProviderName> {
  const outcome = await provider?.send(anAttempt(aCall(), anAndroid()), AbortSignal.timeout(5_000));
  if (outcome?.kind !== "deferred") throw new Error("somebody was reached");
  return outcome.reason === "oauth_unavailable" ? "fcm" : "gcm";
}
