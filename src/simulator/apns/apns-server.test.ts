import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../simulator.ts";
import { createSimulatorPki } from "../certificates.ts";
import { createProviderTokenKey } from "../credentials.ts";
import {
  IPHONE,
  openApnsClient,
  reasonOf,
  signProviderToken,
  type ApnsClient,
  type PushChanges,
} from "../../../test/fixtures/simulator/apns-client.ts";

const BUNDLE = "org.example.phone";
const UUID = "6f1d7b9a-7c1e-4a53-9d1e-6a1d4b7f1c11";
const HOUR_S = 3_600;

let simulator: Simulator;
let client: ApnsClient;
let now = Date.now;

beforeAll(async () => {
  simulator = await startSimulator({ now: () => now() });
  client = await openApnsClient(simulator);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

beforeEach(() => {
  now = Date.now;
  simulator.forget(IPHONE);
  simulator.mailbox.clear();
});

describe("what Apple checks", () => {
  it.each<[string, PushChanges, number, string]>([
    ["a repeated header", { headers: { "apns-topic": [BUNDLE, BUNDLE] } }, 400, "DuplicateHeaders"],
    ["another method", { headers: { ":method": "PUT" } }, 405, "MethodNotAllowed"],
    ["another path", { headers: { ":path": "/3/devices/aa" } }, 404, "BadPath"],
    ["no token", { token: "" }, 400, "MissingDeviceToken"],
    ["a token that is no hex", { token: "not-hex" }, 400, "BadDeviceToken"],
    ["a token of one byte", { token: "a1" }, 400, "BadDeviceToken"],
    ["half a byte too much", { token: "a1b2c" }, 400, "BadDeviceToken"],
    ["an apns-id that is no UUID", { headers: { "apns-id": "42" } }, 400, "BadMessageId"],
    ["no topic", { headers: { "apns-topic": undefined } }, 400, "MissingTopic"],
    ["a topic that is none", { headers: { "apns-topic": "a topic" } }, 400, "BadTopic"],
    ["an app of somebody else", { headers: { "apns-topic": "org.example.other" } }, 400, "TopicDisallowed"],
    ["a collapse id of 65 bytes", { headers: { "apns-collapse-id": "x".repeat(65) } }, 400, "BadCollapseId"],
    ["an unknown priority", { headers: { "apns-priority": "7" } }, 400, "BadPriority"],
    ["an unknown push type", { headers: { "apns-push-type": "call" } }, 400, "InvalidPushType"],
    ["an expiration that is no number", { headers: { "apns-expiration": "soon" } }, 400, "BadExpirationDate"],
    ["a negative expiration", { headers: { "apns-expiration": "-1" } }, 400, "BadExpirationDate"],
    ["a voip push to the plain topic", { headers: { "apns-push-type": "voip" } }, 400, "InvalidPushType"],
    ["an alert to the voip topic", { headers: { "apns-topic": `${BUNDLE}.voip` } }, 400, "InvalidPushType"],
    ["a background push of priority 10", { headers: { "apns-push-type": "background" } }, 400, "BadPriority"],
    ["an empty payload", { body: "" }, 400, "PayloadEmpty"],
    ["a payload that is no JSON", { body: "aps" }, 400, "BadRequestPayload"],
    ["a payload that is no object", { body: "[]" }, 400, "BadRequestPayload"],
    ["a payload of 4097 bytes", { body: paddedTo(4_097) }, 413, "PayloadTooLarge"],
    ["a voip payload of 5121 bytes", { ...voip(), body: paddedTo(5_121) }, 413, "PayloadTooLarge"],
    ["no provider token", { headers: { authorization: undefined } }, 403, "MissingProviderToken"],
    ["a provider token that is none", { headers: { authorization: "bearer x.y.z" } }, 403, "InvalidProviderToken"],
    [
      "a background push with an alert",
      background('{"aps":{"content-available":1,"alert":"x"}}'),
      400,
      "InvalidPushType",
    ],
    ["a background push without content-available", background('{"aps":{}}'), 400, "InvalidPushType"],
  ])("refuses %s", async (_what, changes, status, reason) => {
    const answer = await client.push(changes);

    expect({ status: answer.status, reason: reasonOf(answer) }).toEqual({ status, reason });
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(simulator.mailbox.deliveries()).toEqual([]);
    expect(simulator.mailbox.attempts()).toMatchObject([{ fate: "refused", answer: { status, reason } }]);
  });

  it.each<[string, PushChanges]>([
    ["a token of another length", { token: "ab".repeat(80) }],
    ["a collapse id of 64 bytes", { headers: { "apns-collapse-id": "x".repeat(64) } }],
    ["priority 1", { headers: { "apns-priority": "1" } }],
    ["no push type", { headers: { "apns-push-type": undefined } }],
    ["expiration 0", { headers: { "apns-expiration": "0" } }],
    ["4096 bytes", { body: paddedTo(4_096) }],
    ["a voip push of 5120 bytes", { ...voip(), body: paddedTo(5_120) }],
    ["a background push", background('{"aps":{"content-available":1},"x":1}')],
  ])("accepts %s", async (_what, changes) => {
    const answer = await client.push(changes);

    expect(answer.status).toBe(200);
    expect(simulator.mailbox.deliveries()).toHaveLength(1);
  });

  it("echoes the apns-id, makes one where there is none, and names unique ids in the sandbox only", async () => {
    await using sandbox = await openApnsClient(simulator, { origin: simulator.apns.sandbox });

    const named = await client.push({ headers: { "apns-id": UUID } });
    const unnamed = await sandbox.push();

    expect(named.headers).toMatchObject({ "apns-id": UUID });
    expect(named.headers["apns-unique-id"]).toBeUndefined();
    expect(unnamed.headers["apns-id"]).toMatch(/^[0-9A-F-]{36}$/);
    expect(unnamed.headers["apns-unique-id"]).toBeDefined();
  });

  it("accepts a push that has expired, and drops it", async () => {
    const answer = await client.push({ headers: { "apns-expiration": "300" } });

    expect(answer.status).toBe(200);
    expect(simulator.mailbox.deliveries()).toEqual([]);
    expect(simulator.mailbox.attempts()).toMatchObject([{ fate: "expired", answer: { status: 200 } }]);
  });

  it("keeps what it delivered, without the credentials", async () => {
    await client.push({ headers: { "apns-id": UUID }, body: '{"aps":{},"call_id":"c1"}' });

    const [delivery] = simulator.mailbox.deliveries();
    expect(delivery).toMatchObject({
      provider: "apns",
      environment: "production",
      token: IPHONE,
      payload: { aps: {}, call_id: "c1" },
      messageId: UUID,
      headers: { "apns-topic": BUNDLE },
    });
    expect(delivery?.headers).not.toHaveProperty("authorization");
  });
});

describe("device tokens it knows about", () => {
  it("refuses a token of zeros, which nobody has, though only from who may push at all", async () => {
    const answer = await client.push({ token: "0".repeat(64) });
    const stranger = await client.push({ token: "0".repeat(64), headers: { "apns-topic": "org.example.other" } });

    expect([reasonOf(answer), reasonOf(stranger)]).toEqual(["BadDeviceToken", "TopicDisallowed"]);
  });

  it("refuses a token of the other environment", async () => {
    simulator.setFacts(IPHONE, { environment: "sandbox" });

    const answer = await client.push({ token: IPHONE.toUpperCase() });

    expect({ status: answer.status, reason: reasonOf(answer) }).toEqual({ status: 400, reason: "BadDeviceToken" });
  });

  it("refuses an alert token on the voip topic", async () => {
    simulator.setFacts(IPHONE, { topic: BUNDLE });

    expect((await client.push()).status).toBe(200);
    expect(reasonOf(await client.push(voip()))).toBe("DeviceTokenNotForTopic");
  });
});

describe("provider tokens", () => {
  it.each([
    ["of an unknown key", async () => signProviderToken(simulator, { keyId: "OTHERKEY01" }), "InvalidProviderToken"],
    ["of another team", async () => signProviderToken(simulator, { teamId: "OTHERTEAM1" }), "InvalidProviderToken"],
    ["signed by another key", async () => signProviderToken(simulator, { key: foreignKey() }), "InvalidProviderToken"],
    [
      "older than an hour",
      async () => signProviderToken(simulator, { issuedAt: seconds() - HOUR_S - 5 }),
      "ExpiredProviderToken",
    ],
    [
      "from the future",
      async () => signProviderToken(simulator, { issuedAt: seconds() + HOUR_S + 5 }),
      "ExpiredProviderToken",
    ],
  ])("refuses one %s", async (_what, sign, reason) => {
    await using fresh = await openApnsClient(simulator);

    const answer = await fresh.push({ headers: { authorization: `bearer ${await sign()}` } });

    expect({ status: answer.status, reason: reasonOf(answer) }).toEqual({ status: 403, reason });
  });

  it("refuses a token that grew too old on its connection", async () => {
    await using fresh = await openApnsClient(simulator);
    await fresh.push();

    now = () => Date.now() + (HOUR_S + 5) * 1_000;

    expect(reasonOf(await fresh.push())).toBe("ExpiredProviderToken");
  });

  it("allows one new token in 20 minutes, not two", async () => {
    await using fresh = await openApnsClient(simulator);
    const pushWith = async (issuedAt: number) =>
      fresh.push({ headers: { authorization: `bearer ${await signProviderToken(simulator, { issuedAt })}` } });

    const answers = [await pushWith(seconds() - 30), await pushWith(seconds() - 20), await pushWith(seconds() - 10)];
    now = () => Date.now() + 21 * 60_000;
    const later = await pushWith(seconds());

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(reasonOf(answers[2]!)).toBe("TooManyProviderTokenUpdates");
    expect(later.status).toBe(200);
  });

  it("allows one stream until it has seen a valid token, then a thousand", async () => {
    await using fresh = await openApnsClient(simulator);
    expect(fresh.session.remoteSettings.maxConcurrentStreams).toBe(1);
    await fresh.push({ headers: { authorization: undefined } });
    expect(fresh.session.remoteSettings.maxConcurrentStreams).toBe(1);

    const raised = once(fresh.session, "remoteSettings");
    await fresh.push();
    await raised;

    expect(fresh.session.remoteSettings.maxConcurrentStreams).toBe(1_000);
  });
});

describe("client certificates", () => {
  it("accepts one without looking at tokens, with a thousand streams from the start", async () => {
    const identity = simulator.credentials.apnsCertificate;
    await using certified = await openApnsClient(simulator, { identity });

    const answers = await Promise.all([
      certified.push({ headers: { authorization: "bearer nonsense" } }),
      certified.push(voip()),
      certified.push({ headers: { "apns-topic": "org.example.other" } }),
      certified.push({ headers: { "apns-topic": undefined } }),
    ]);

    expect(certified.session.remoteSettings.maxConcurrentStreams).toBe(1_000);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400]);
    expect(answers.slice(2).map(reasonOf)).toEqual(["TopicDisallowed", "MissingTopic"]);
  });

  it("takes the only topic of a certificate for granted", async () => {
    const identity = simulator.pki.issueApnsCertificate({ bundleId: BUNDLE, topics: [] });
    await using certified = await openApnsClient(simulator, { identity });

    expect((await certified.push({ headers: { "apns-topic": undefined } })).status).toBe(200);
  });

  it.each([
    [
      "of the other environment",
      () => simulator.pki.issueApnsCertificate({ bundleId: BUNDLE, environments: ["sandbox"] }),
      "BadCertificateEnvironment",
    ],
    [
      "that has expired",
      () => simulator.pki.issueApnsCertificate({ bundleId: BUNDLE, notBefore: new Date(0), notAfter: new Date(1e12) }),
      "BadCertificate",
    ],
    ["of another authority", () => createSimulatorPki().issueApnsCertificate({ bundleId: BUNDLE }), "BadCertificate"],
  ])("refuses one %s", async (_what, issue, reason) => {
    await using certified = await openApnsClient(simulator, { identity: issue() });

    const answer = await certified.push();

    expect({ status: answer.status, reason: reasonOf(answer) }).toEqual({ status: 403, reason });
  });
});

function voip(): PushChanges {
  return { headers: { "apns-topic": `${BUNDLE}.voip`, "apns-push-type": "voip" } };
}

function background(body: string): PushChanges {
  return { headers: { "apns-push-type": "background", "apns-priority": "5" }, body };
}

function paddedTo(bytes: number): string {
  const frame = '{"aps":{"alert":""}}';
  return frame.replace('""', `"${"x".repeat(bytes - frame.length)}"`);
}

function seconds(): number {
  return Math.floor(now() / 1_000);
}

function foreignKey(): string {
  return createProviderTokenKey({ keyId: "X", teamId: "Y" }).key;
}
