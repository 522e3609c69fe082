import { describe, expect, it } from "vitest";
import { explainReason } from "../../providers/explain-reason.ts";
import {
  ACCEPTED_AT,
  ALICE,
  ANDROID_TOKEN,
  IPHONE_TOKENS,
  anAndroid,
  anIphone,
} from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryDeviceStore } from "../../../test/fixtures/memory-stores.ts";
import { createVirtualTime } from "../../../test/fixtures/clocks.ts";
import type { Device } from "../../push/device.ts";
import type { Outcome } from "../../push/outcome.ts";
import { chooseTargets } from "../../push/targets.ts";
import { createAlarms } from "../alarms.ts";
import { TokenInvalidation, type TokenInvalidationDeps } from "./token-invalidation.ts";

const LOOK_MS = 1_000;
const DEAD: Outcome = { kind: "unregistered", reason: "Unregistered" };
const TAKEN: Outcome = { kind: "delivered", providerMessageId: "m-1" };

const deadSince = (at: number): Outcome => ({ ...DEAD, deadSince: at });

function arrange(registered: readonly Device[], overrides: Partial<TokenInvalidationDeps> = {}) {
  const time = createVirtualTime(ACCEPTED_AT);
  const events = createRecordingEvents();
  const { clock, sleep } = time;
  const alarms = createAlarms({ events, clock });
  const devices = new MemoryDeviceStore(registered, clock);
  const invalidation = new TokenInvalidation({
    devices,
    events,
    alarms,
    clock,
    sleep,
    explain: explainReason,
    ...overrides,
  });
  const note = (device: Device, outcome: Outcome, startedAt = clock()) => {
    const [target] = chooseTargets("call", [device]);
    if (target === undefined) throw new Error("a device without a token");
    return invalidation.note({ app: "global/apns", target, outcome, startedAt });
  };
  /** Waits for all of them, and for everything that follows. */
  const settle = async (...noted: Promise<void>[]): Promise<void> => {
    await time.advance(LOOK_MS);
    await Promise.all(noted);
  };
  const tokensOf = async () => (await devices.list(ALICE)).flatMap(({ tokens }) => Object.values(tokens));
  return { time, events, alarms, devices, invalidation, note, settle, tokensOf };
}

describe("a dead token", () => {
  it("is forgotten alone after a moment, and reported", async () => {
    const { time, events, note, tokensOf } = arrange([anIphone()]);

    const noted = note(anIphone(), deadSince(ACCEPTED_AT));
    await time.advance(LOOK_MS - 1);
    expect(await tokensOf()).toHaveLength(2);
    await time.advance(1);
    await noted;

    expect(await tokensOf()).toEqual([IPHONE_TOKENS.remote]);
    expect(events.log.devicePruned).toMatchObject([[{ id: "iphone" }, { tokenKind: "voip" }, "Unregistered"]]);
  });

  it.each([
    ["kept where the phone registered after it had died", ACCEPTED_AT - 10, ACCEPTED_AT - 5, 1],
    ["kept where the phone registered as it died", ACCEPTED_AT - 10, ACCEPTED_AT - 10, 1],
    ["forgotten where it died after the registration", ACCEPTED_AT - 5, ACCEPTED_AT - 10, 0],
    ["kept where nobody says when it died and the phone registered as the attempt began", undefined, ACCEPTED_AT, 1],
    ["forgotten where nobody says when, and the phone registered before", undefined, ACCEPTED_AT - 1, 0],
    [
      "kept where the phone registered while the answer came, whatever the provider's clock says",
      Infinity,
      ACCEPTED_AT,
      1,
    ],
  ])("is %s", async (_what, diedAt, registeredAt, left) => {
    const device = anIphone({ tokens: { voip: IPHONE_TOKENS.voip }, registeredAt });
    const { events, note, settle, tokensOf } = arrange([device]);

    await settle(note(device, diedAt === undefined ? DEAD : deadSince(diedAt), ACCEPTED_AT));

    expect(await tokensOf()).toHaveLength(left);
    expect(events.log.devicePruned).toHaveLength(1 - left);
  });

  it("that is registered again while it waits to be forgotten is kept", async () => {
    const { time, devices, note, settle, tokensOf } = arrange([anIphone()]);
    const noted = note(anIphone(), deadSince(ACCEPTED_AT + 3_600_000));

    const again = anIphone({ registeredAt: time.clock() });
    await devices.register(again, { uniqueDeviceIds: false, oneDevicePerSubscriber: false });
    await settle(noted);

    expect(await tokensOf()).toHaveLength(2);
  });

  it("that the store cannot forget is a trouble of the store's", async () => {
    const outOfReach = () => Promise.reject(new Error("the store is out of reach"));
    const devices = { prune: outOfReach, replaceToken: outOfReach, learnEnvironment: outOfReach };
    const { events, note, settle } = arrange([], { devices });

    const noted = note(anIphone(), DEAD);
    await note(anIphone(), { ...TAKEN, environment: "sandbox" });
    await note(anIphone(), { ...TAKEN, replacementToken: "new" });
    await settle(noted);

    expect(events.log.storeFailed.map(([what]) => what)).toEqual([
      "keep a device's token",
      "keep a device's token",
      "forget a dead token",
    ]);
  });
});

it.each<Outcome>([
  { kind: "rejected", reason: "BadDeviceToken", suspect: "token" },
  { kind: "rejected", reason: "PayloadTooLarge", suspect: "push" },
  { kind: "misconfigured", reason: "BadTopic" },
  { kind: "deferred", reason: "ServiceUnavailable" },
  TAKEN,
])("leaves the device alone after %j", async (outcome) => {
  const { time, events, note, tokensOf } = arrange([anIphone()]);

  await note(anIphone(), outcome);
  await time.advance(60_000);

  expect(await tokensOf()).toHaveLength(2);
  expect(events.names).toEqual([]);
});

describe("many dead tokens at once", () => {
  const phones = Array.from({ length: 30 }, (_, number) =>
    anAndroid({ id: `phone ${number}`, tokens: { registration: `token ${number}` } }),
  );

  it("are all kept, the first ones as well, and an operator is told what to do", async () => {
    const { events, alarms, note, settle, tokensOf } = arrange(phones);

    await settle(...phones.map((phone) => note(phone, DEAD)));

    expect(await tokensOf()).toHaveLength(30);
    expect(events.log.tokenKept).toHaveLength(30);
    expect(events.log.devicePruned).toEqual([]);
    expect(alarms.list()).toMatchObject([
      {
        kind: "tokens_refused",
        app: "global/apns",
        detail: expect.stringMatching(/Unregistered.*no token is forgotten.*sip-pushd send/s),
      },
    ]);
    expect(events.log.alarmRaised).toHaveLength(1);
  });

  it("raise the alarm where they are only refused, too", async () => {
    const { alarms, note } = arrange(phones);

    for (const phone of phones)
      await note(phone, { kind: "rejected", reason: "DeviceTokenNotForTopic", suspect: "token" });

    expect(alarms.list()).toMatchObject([{ kind: "tokens_refused" }]);
  });

  it("are nothing to raise an alarm for where far more are taken", async () => {
    const { alarms, note, settle, tokensOf } = arrange(phones);

    const taken = Array.from({ length: 300 }, () => note(anIphone(), TAKEN));
    await settle(...taken, ...phones.map((phone) => note(phone, DEAD)));

    expect(alarms.list()).toEqual([]);
    expect(await tokensOf()).toEqual([]);
  });

  it("of another app change nothing about this one's", async () => {
    const { invalidation, devices, note, settle } = arrange([...phones, anIphone()]);
    const [target] = chooseTargets("call", [anIphone()]);
    if (target === undefined) throw new Error("an iPhone has a token");

    const other = { app: "example.org/apns", target, outcome: DEAD, startedAt: ACCEPTED_AT };
    await settle(...phones.map((phone) => note(phone, DEAD)), invalidation.note(other));

    const left = (await devices.list(ALICE)).find(({ id }) => id === "iphone");
    expect(left?.tokens).toEqual({ remote: IPHONE_TOKENS.remote });
  });

  it("are believed one by one again when a minute has been calm, and the alarm is over", async () => {
    const { time, events, alarms, note, settle, tokensOf } = arrange(phones);
    await settle(...phones.map((phone) => note(phone, DEAD)));
    await time.advance(60_001);

    await note(anAndroid(), TAKEN);
    await settle(note(anAndroid({ tokens: { registration: "token 7" } }), DEAD));

    expect(await tokensOf()).toHaveLength(29);
    expect(alarms.list()).toEqual([]);
    expect(events.log.alarmCleared).toHaveLength(1);
  });
});

describe("a token that the provider replaces", () => {
  it("is replaced in the store, and reported", async () => {
    const { events, note, tokensOf } = arrange([anAndroid()]);

    await note(anAndroid(), { ...TAKEN, replacementToken: "new" });

    expect(await tokensOf()).toEqual(["new"]);
    expect(events.log.tokenReplaced).toMatchObject([[{ id: "pixel" }, { token: ANDROID_TOKEN }]]);
  });

  it("is not reported where nobody has it any more", async () => {
    const { events, note } = arrange([]);

    await note(anAndroid(), { ...TAKEN, replacementToken: "new" });

    expect(events.names).toEqual([]);
  });
});

describe("a token of the other environment", () => {
  it("corrects the device, once, and says so", async () => {
    const { events, devices, note } = arrange([anIphone()]);
    const outcome = { ...TAKEN, environment: "sandbox" } as Outcome;

    await note(anIphone(), outcome);
    await note(anIphone(), outcome);

    expect(await devices.list(ALICE)).toMatchObject([{ environment: "sandbox", environmentLearnedAt: ACCEPTED_AT }]);
    expect(events.log.environmentLearned).toMatchObject([[{ environment: "sandbox" }, { environment: "production" }]]);
  });
});
