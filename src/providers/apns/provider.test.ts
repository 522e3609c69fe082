import { createPrivateKey } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { anAttempt, PUSH_ID } from "../../../test/support/attempts.ts";
import { aCall, aMessage, anIphone, IPHONE_TOKENS } from "../../../test/support/builders.ts";
import { createManualClock } from "../../../test/support/manual-clock.ts";
import type { PushProvider } from "../../gateway/push-provider.ts";
import type { Device } from "../../push/device.ts";
import type { PushRequest } from "../../push/push.ts";
import type { Behaviour } from "../../simulator/behaviour.ts";
import { createSimulatorPki, type PemPair } from "../../simulator/certificates.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import type { ApnsCertificate } from "./credentials.ts";
import { ProviderTokens } from "./provider-token.ts";
import { createApnsProvider, type ApnsApp } from "./provider.ts";

const BUNDLE_ID = "org.example.phone";
const MINUTE_MS = 60_000;
const never = new AbortController().signal;

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ bundleId: BUNDLE_ID });
});

afterEach(() => {
  for (const token of Object.values(IPHONE_TOKENS)) simulator.forget(token);
  simulator.mailbox.clear();
});

afterAll(() => simulator[Symbol.asyncDispose]());

function aCertificate(pair: PemPair = simulator.credentials.apnsCertificate): ApnsCertificate {
  return { kind: "certificate", ...pair, topics: [BUNDLE_ID, `${BUNDLE_ID}.voip`] };
}

function openProvider(overrides: Partial<ApnsApp> = {}, clock = Date.now): PushProvider {
  const tokens = new ProviderTokens(clock);
  const app = { credentials: aCertificate(), topic: BUNDLE_ID, origins: simulator.apns, ca: simulator.ca };
  return createApnsProvider({ ...app, ...overrides }, { name: "global/apns", clock, tokens });
}

const tokenKey = () => ({ kind: "token", ...simulator.credentials.apnsTokenKey }) as const;

function anAttemptNow(request: PushRequest = aCall(), device: Device = anIphone(), id = PUSH_ID) {
  return anAttempt(request, device, { id, acceptedAt: Date.now(), deadline: Date.now() + MINUTE_MS });
}

const numberedId = (number: number) => PUSH_ID.slice(0, -4) + String(number).padStart(4, "0");

describe("with a certificate", () => {
  it("delivers a call over the VoIP topic", async () => {
    await using provider = openProvider();

    const outcome = await provider.send(anAttemptNow(), never);

    expect(outcome).toEqual({ kind: "delivered", providerMessageId: PUSH_ID });
    expect(simulator.mailbox.deliveries()).toMatchObject([
      {
        environment: "production",
        token: IPHONE_TOKENS.voip,
        headers: { "apns-topic": `${BUNDLE_ID}.voip`, "apns-push-type": "voip" },
      },
    ]);
  });

  it("reads an encrypted key with its passphrase", async () => {
    await using provider = openProvider({ credentials: { ...encryptKey("s3cret"), passphrase: "s3cret" } });

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });
  });

  it("defers, and does not fall over, if the passphrase is wrong", async () => {
    await using provider = openProvider({ credentials: { ...encryptKey("s3cret"), passphrase: "guess" } });

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({ kind: "deferred", reason: "tls_failed" });
  });

  it("uses the certificate of NGCP's callkit instance for calls, and the other for the rest", async () => {
    const certificateFor = (topic: string, kind: string): ApnsCertificate => ({
      ...aCertificate(simulator.pki.issueApnsCertificate({ bundleId: BUNDLE_ID, topics: [{ topic, kind }] })),
      topics: [topic],
    });
    await using provider = openProvider({
      credentials: certificateFor(BUNDLE_ID, "app"),
      voipCredentials: certificateFor(`${BUNDLE_ID}.voip`, "voip"),
    });

    const outcomes = await Promise.all([
      provider.send(anAttemptNow(aCall()), never),
      provider.send(anAttemptNow(aMessage(), anIphone(), numberedId(2)), never),
    ]);

    expect(outcomes).toMatchObject([{ kind: "delivered" }, { kind: "delivered" }]);
  });

  it("serves another app that is written into it", async () => {
    const certificate = { ...aCertificate(), topics: [BUNDLE_ID, "org.example.other.voip"] };
    await using provider = openProvider({ credentials: certificate });

    await provider.send(anAttemptNow(aCall(), anIphone({ app: "org.example.other" })), never);

    expect(simulator.mailbox.attempts()).toMatchObject([{ headers: { "apns-topic": "org.example.other.voip" } }]);
  });

  it("does not even ask Apple about an app that is not written into it", async () => {
    await using provider = openProvider();

    const outcome = await provider.send(anAttemptNow(aCall(), anIphone({ app: "org.example.other" })), never);

    expect(outcome).toEqual({ kind: "misconfigured", reason: "app_not_served", scope: "device" });
    expect(simulator.mailbox.attempts()).toHaveLength(0);
  });

  it.each<[string, () => Partial<ApnsApp>]>([
    ["BadCertificate", () => ({ credentials: aCertificate(foreignCertificate()) })],
    ["TopicDisallowed", () => ({ topic: "org.example.mistyped" })],
    [
      "BadCertificateEnvironment",
      () => ({
        credentials: aCertificate(
          simulator.pki.issueApnsCertificate({ bundleId: BUNDLE_ID, environments: ["sandbox"] }),
        ),
      }),
    ],
  ])("calls it a matter of configuration when Apple says %s", async (reason, wrong) => {
    await using provider = openProvider(wrong());

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({ kind: "misconfigured", reason });
  });
});

describe("with a signing key", () => {
  it("delivers a burst although Apple allows one stream until it has seen a token", async () => {
    await using provider = openProvider({ credentials: tokenKey() });

    const ids = Array.from({ length: 50 }, (_, number) => numberedId(number));
    const sent = ids.map((id) => provider.send(anAttemptNow(aCall(), anIphone(), id), never));

    for (const outcome of await Promise.all(sent)) expect(outcome.kind).toBe("delivered");
    expect(idsDelivered()).toEqual(ids);
  });

  it("needs no certificate for the VoIP topic, and uses none", async () => {
    await using provider = openProvider({
      credentials: tokenKey(),
      voipCredentials: aCertificate(foreignCertificate()),
    });

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });
  });

  it("goes on with the same token for hours, and renews it before Apple finds it too old", async () => {
    const clock = createManualClock(Date.now());
    await using simulator = await startSimulator({ bundleId: BUNDLE_ID, now: clock });
    const { apns: origins, ca } = simulator;
    const credentials = { kind: "token", ...simulator.credentials.apnsTokenKey } as const;
    await using provider = openProvider({ credentials, origins, ca }, clock);

    for (let minute = 0; minute <= 180; minute += 10) {
      const outcome = await provider.send(anAttemptNow(), never);
      expect(outcome, `after ${minute} minutes`).toMatchObject({ kind: "delivered" });
      clock.advance(10 * MINUTE_MS);
    }
  });

  it("signs anew once when Apple finds the token too old, and delivers in the same attempt", async () => {
    const apple = createManualClock(Date.now());
    const ours = createManualClock(Date.now());
    await using simulator = await startSimulator({ bundleId: BUNDLE_ID, now: apple });
    const { apns: origins, ca } = simulator;
    const credentials = { kind: "token", ...simulator.credentials.apnsTokenKey } as const;
    await using provider = openProvider({ credentials, origins, ca }, ours);
    await provider.send(anAttemptNow(), never);
    ours.advance(30 * MINUTE_MS);
    apple.advance(61 * MINUTE_MS);

    const outcomes = await Promise.all([1, 2, 3].map(() => provider.send(anAttemptNow(), never)));

    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: "delivered" });
  });

  it.each([
    ["a key id that Apple does not know", { keyId: "OTHERKEY00" }],
    ["another team", { teamId: "OTHERTEAM0" }],
    ["a key that is none", { key: "-----BEGIN PRIVATE KEY-----\njunk\n-----END PRIVATE KEY-----\n" }],
  ])("calls %s a matter of configuration", async (_what, wrong) => {
    await using provider = openProvider({ credentials: { ...tokenKey(), ...wrong } });

    const outcome = await provider.send(anAttemptNow(), never);

    expect(outcome).toEqual({ kind: "misconfigured", reason: "InvalidProviderToken" });
  });
});

describe("what Apple answers", () => {
  it("goes to the service that issued the token", async () => {
    await using provider = openProvider();

    await provider.send(anAttemptNow(aCall(), anIphone({ environment: "sandbox" })), never);

    expect(simulator.mailbox.deliveries()).toMatchObject([{ environment: "sandbox" }]);
  });

  it("rejects a token of another topic, and does not call it dead", async () => {
    simulator.setFacts(IPHONE_TOKENS.voip, { topic: BUNDLE_ID });
    await using provider = openProvider();

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({
      kind: "rejected",
      reason: "DeviceTokenNotForTopic",
    });
  });

  it("says since when a token is dead", async () => {
    simulator.script(IPHONE_TOKENS.voip, { reason: "Unregistered", timestamp: 1_700_000_000_123 });
    await using provider = openProvider();

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
      kind: "unregistered",
      reason: "Unregistered",
      deadSince: 1_700_000_000_123,
    });
  });

  it("waits as long as Apple says", async () => {
    simulator.script(IPHONE_TOKENS.voip, { reason: "TooManyRequests", retryAfterSeconds: 7 });
    await using provider = openProvider();

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
      kind: "deferred",
      reason: "TooManyRequests",
      retryAfterMs: 7_000,
      scope: "device",
    });
  });

  it("survives a token that is an attack on the path", async () => {
    await using provider = openProvider();
    const hostile = anIphone({ tokens: { voip: "../../x?y=\r\nz: 1" } });

    await expect(provider.send(anAttemptNow(aCall(), hostile), never)).resolves.toMatchObject({ kind: "rejected" });

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });
  });

  it.each([
    ["a message", aMessage({ data: longData(), aps: { alert: longText() } })],
    ["a silent message", aMessage({ silent: true, data: longData() })],
    ["a call", aCall({ data: longData(), caller: longText() })],
  ])("takes %s that is far too long, made to fit", async (_what, request) => {
    await using provider = openProvider();

    await expect(provider.send(anAttemptNow(request), never)).resolves.toMatchObject({ kind: "delivered" });
  });
});

describe("when the connection misbehaves", () => {
  it.each<Behaviour>([
    { transport: "refuse-stream", times: 1 },
    { transport: "refuse-stream", times: 3 },
    { transport: "goaway-unprocessed", times: 1 },
    { transport: "goaway-after-answer", times: 1 },
  ])("delivers exactly once after %o", async (behaviour) => {
    await using provider = openProvider();
    await provider.send(anAttemptNow(aCall(), anIphone(), numberedId(1)), never);
    simulator.script(IPHONE_TOKENS.voip, behaviour);

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });

    expect(idsDelivered()).toEqual([numberedId(1), PUSH_ID]);
  });

  it("delivers a burst exactly once through refusals and goodbyes", async () => {
    const storm: Behaviour[] = [
      { times: 6 },
      { transport: "goaway-after-answer", times: 1 },
      { times: 6 },
      { transport: "refuse-stream", times: 1 },
      { times: 6 },
      { transport: "goaway-unprocessed", times: 1 },
    ];
    simulator.script(IPHONE_TOKENS.voip, ...storm);
    await using provider = openProvider();
    const ids = Array.from({ length: 60 }, (_, number) => numberedId(number));

    const outcomes = await Promise.all(ids.map((id) => provider.send(anAttemptNow(aCall(), anIphone(), id), never)));

    for (const outcome of outcomes) expect(outcome.kind).toBe("delivered");
    expect(idsDelivered()).toEqual(ids);
  });

  it.each<[Behaviour, number]>([
    [{ transport: "drop-connection", times: 1 }, 1],
    // The phone has both: they carry the same apns-id, and it shows one.
    [{ transport: "lose-answer", times: 1 }, 2],
  ])(
    "does not know what became of a push after %o, and the next attempt has the same id",
    async (behaviour, copies) => {
      simulator.script(IPHONE_TOKENS.voip, behaviour);
      await using provider = openProvider();

      const outcome = await provider.send(anAttemptNow(), AbortSignal.timeout(200));

      expect(outcome).toEqual({ kind: "deferred", reason: "answer_lost" });
      await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });
      expect(idsDelivered()).toEqual(Array.from({ length: copies }, () => PUSH_ID));
    },
  );

  it("defers a push to a token on which Apple is silent within the attempt's time, and serves others meanwhile", async () => {
    simulator.script(IPHONE_TOKENS.voip, { transport: "silent" });
    await using provider = openProvider();
    const startedAt = performance.now();

    const silent = provider.send(anAttemptNow(), AbortSignal.timeout(300));
    const other = provider.send(anAttemptNow(aMessage(), anIphone(), numberedId(2)), never);

    await expect(other).resolves.toMatchObject({ kind: "delivered" });
    await expect(silent).resolves.toEqual({ kind: "deferred", reason: "answer_lost" });
    expect(performance.now() - startedAt).toBeLessThan(600);
  });

  it("defers while Apple cannot be reached", async () => {
    const gone = await startSimulator();
    await gone[Symbol.asyncDispose]();
    await using provider = openProvider({ origins: gone.apns });

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ reason: "connection_refused" });
  });

  it("sends nothing to a server that is not Apple", async () => {
    await using provider = openProvider({ ca: createSimulatorPki().ca });

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({ kind: "deferred", reason: "tls_untrusted" });

    expect(simulator.mailbox.attempts()).toHaveLength(0);
  });
});

function encryptKey(passphrase: string): ApnsCertificate {
  const { certificate, key } = simulator.credentials.apnsCertificate;
  const encrypted = createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });
  return aCertificate({ certificate, key: String(encrypted) });
}

function foreignCertificate(): PemPair {
  return createSimulatorPki().issueApnsCertificate({ bundleId: BUNDLE_ID });
}

function idsDelivered(): string[] {
  return simulator.mailbox
    .deliveries()
    .map(({ messageId }) => messageId)
    .toSorted();
}

function longText(): string {
  return 'Grüße 👋🏽 aus der 👨‍👩‍👧‍👦-Küche "\\\n '.repeat(400);
}

function longData(): Record<string, string> {
  return {
    message: longText(),
    full_message: `<message>${longText()}</message>`,
    sender_name: longText().slice(0, 900),
  };
}
