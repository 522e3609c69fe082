import { describe, expect, it } from "vitest";
import {
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
import type { Behaviour } from "../../simulator/behaviour.ts";
import { createSimulatorPki } from "../../simulator/certificates.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import type { ApnsApp } from "./provider.ts";

const never = new AbortController().signal;

let simulator: Simulator;

shareSimulator((started) => (simulator = started));

const openProvider = (app?: Partial<ApnsApp>) => openApnsProvider(simulator, app);

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

    expect(idsDelivered(simulator)).toEqual([APNS_ID, apnsIdOf(numberedId(1))].toSorted());
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
    expect(idsDelivered(simulator)).toEqual(ids.map(apnsIdOf).toSorted());
  });

  it.each<[Behaviour, number]>([
    [{ transport: "drop-connection", times: 1 }, 1],
    // The phone gets both, but shows one, because they carry the same apns-id.
    [{ transport: "lose-answer", times: 1 }, 2],
  ])(
    "does not know what became of a push after %o, and the next attempt has the same id",
    async (behaviour, copies) => {
      simulator.script(IPHONE_TOKENS.voip, behaviour);
      await using provider = openProvider();

      const outcome = await provider.send(anAttemptNow(), AbortSignal.timeout(200));

      expect(outcome).toEqual({ kind: "deferred", reason: "answer_lost" });
      await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });
      expect(idsDelivered(simulator)).toEqual(Array.from({ length: copies }, () => APNS_ID));
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
