import { createPrivateKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  anApnsCertificate,
  anAttemptAt,
  anAttemptNow,
  BUNDLE_ID,
  idsDelivered,
  apnsIdOf,
  numberedId,
  openApnsProvider,
  shareSimulator,
} from "../../../test/fixtures/apns-fixture.ts";
import { APNS_ID } from "../../../test/fixtures/attempts.ts";
import { aCall, aMessage, anIphone, IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import { createSimulatorPki, type PemPair } from "../../simulator/certificates.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import type { ApnsCertificate } from "./credentials.ts";
import type { ApnsApp } from "./provider.ts";

const MINUTE_MS = 60_000;
const never = new AbortController().signal;

let simulator: Simulator;

shareSimulator((started) => (simulator = started));

const aCertificate = (pair: PemPair = simulator.credentials.apnsCertificate) => anApnsCertificate(pair);
const openProvider = (app?: Partial<ApnsApp>, clock?: () => number) => openApnsProvider(simulator, app, clock);
const tokenKey = () => ({ kind: "token", ...simulator.credentials.apnsTokenKey }) as const;

describe("with a certificate", () => {
  it("delivers a call over the VoIP topic", async () => {
    await using provider = openProvider();

    const outcome = await provider.send(anAttemptNow(), never);

    expect(outcome).toEqual({ kind: "delivered", providerMessageId: APNS_ID });
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
    expect(idsDelivered(simulator)).toEqual(ids.map(apnsIdOf).toSorted());
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
      const outcome = await provider.send(anAttemptAt(clock()), never);
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
    await provider.send(anAttemptAt(ours()), never);
    ours.advance(30 * MINUTE_MS);
    apple.advance(61 * MINUTE_MS);

    const outcomes = await Promise.all([1, 2, 3].map(() => provider.send(anAttemptAt(ours()), never)));

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

function encryptKey(passphrase: string): ApnsCertificate {
  const { certificate, key } = simulator.credentials.apnsCertificate;
  const encrypted = createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });
  return aCertificate({ certificate, key: String(encrypted) });
}

function foreignCertificate(): PemPair {
  return createSimulatorPki().issueApnsCertificate({ bundleId: BUNDLE_ID });
}
