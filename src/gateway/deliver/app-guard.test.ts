import { afterEach, describe, expect, it, vi } from "vitest";
import { aCall, aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { DELIVERED, untilCalledOff } from "../../../test/fixtures/gateway-doubles.ts";
import { arrangeGuard, letTimersRunOut } from "../../../test/fixtures/delivery-fixture.ts";
import type { Outcome } from "../../push/outcome.ts";

const BUSY: Outcome = { kind: "deferred", reason: "ServiceUnavailable", busy: true };
const REFUSED: Outcome = { kind: "misconfigured", reason: "InvalidProviderToken" };

afterEach(() => void vi.restoreAllMocks());

it("passes attempts on and their outcomes back, under the app's name, and closes the provider", async () => {
  const { guard, sent, send, provider, kinds } = arrangeGuard();

  expect(await send()).toEqual(DELIVERED);
  await guard[Symbol.asyncDispose]();

  expect(guard.app).toBe("global/apns");
  expect(sent).toMatchObject([{ target: { deviceId: "iphone" } }]);
  expect(provider[Symbol.asyncDispose]).toHaveBeenCalledOnce();
  expect(kinds()).toEqual([]);
});

describe("a provider in trouble", () => {
  it("is left alone for a while, and pushes are told for how long and why", async () => {
    const { clock, sent, send, sendAll } = arrangeGuard();
    await sendAll(BUSY, BUSY, BUSY);
    clock.advance(100);

    const held = await send();

    expect(held).toEqual({
      kind: "throttled",
      why: "provider_paused",
      retryAfterMs: 400,
      cause: { kind: "deferred", reason: "ServiceUnavailable" },
    });
    expect(sent).toHaveLength(3);
  });

  it("raises the alarm when the probe fails, too, with what to do, and clears it when one is taken", async () => {
    const { clock, alarms, events, sendAll, kinds } = arrangeGuard();
    await sendAll(BUSY, BUSY, BUSY);
    expect(kinds()).toEqual([]);
    clock.advance(500);
    await sendAll(BUSY);

    expect(alarms.list()).toMatchObject([
      { kind: "provider_down", app: "global/apns", detail: expect.stringMatching(/ServiceUnavailable.*What to do: /) },
    ]);
    clock.advance(1_000);
    await sendAll(DELIVERED);

    expect(kinds()).toEqual([]);
    expect(events.names).toEqual(["alarmRaised", "alarmCleared"]);
  });

  it("that takes up again takes all at once", async () => {
    const { clock, sent, send, sendAll } = arrangeGuard();
    await sendAll(BUSY, BUSY, BUSY);
    clock.advance(500);
    await sendAll(DELIVERED);

    const outcomes = await Promise.all(Array.from({ length: 20 }, () => send()));

    expect(outcomes).toEqual(outcomes.map(() => DELIVERED));
    expect(sent).toHaveLength(24);
  });

  it("is one that stays silent for all of an attempt's time, and not one whose connection broke", async () => {
    const lost: Outcome = { kind: "deferred", reason: "answer_lost" };
    const { send } = arrangeGuard({ step: lost });

    for (let i = 0; i < 5; i += 1) expect(await send()).toEqual(lost);
    letTimersRunOut();
    for (let i = 0; i < 3; i += 1) await send();

    expect(await send()).toMatchObject({ kind: "throttled" });
  });

  it("gets an attempt's time for each, and no more", async () => {
    const timeouts = letTimersRunOut();
    const { send } = arrangeGuard({ step: untilCalledOff });

    expect(await send()).toEqual({ kind: "deferred", reason: "no_answer" });
    expect(timeouts.mock.calls).toEqual([[expect.any(Function), 10_000]]);
  });

  it("is not asked, nor is a clock wound up, while its app waits", async () => {
    const { send, sendAll } = arrangeGuard();
    await sendAll(BUSY, BUSY, BUSY);
    const timeouts = vi.spyOn(globalThis, "setTimeout");

    await send();

    expect(timeouts).not.toHaveBeenCalled();
  });

  it("is not one whose attempts we call off ourselves", async () => {
    const { send } = arrangeGuard({ step: BUSY });
    const stopped = AbortSignal.abort();

    for (let i = 0; i < 5; i += 1) await send(aCall(), anIphone(), stopped);

    expect(await send()).toEqual(BUSY);
  });

  it("is not one that our own bug keeps from answering", async () => {
    const { sent, send } = arrangeGuard({ step: () => Promise.reject(new TypeError("undefined is not a function")) });

    for (let i = 0; i < 5; i += 1) await expect(send()).rejects.toThrow("undefined");

    expect(sent).toHaveLength(5);
  });
});

describe("a pause that the provider asks for", () => {
  const quota: Outcome = { kind: "deferred", reason: "QUOTA_EXCEEDED", scope: "app", retryAfterMs: 60_000 };

  it("holds for every push of the app, calls too, until it is over", async () => {
    const { clock, sent, send, sendAll } = arrangeGuard();
    await sendAll(quota);
    clock.advance(59_999);

    const held = await Promise.all([send(aCall()), send(aMessage())]);
    clock.advance(1);

    expect(held).toMatchObject([
      { kind: "throttled", retryAfterMs: 1, cause: { reason: "QUOTA_EXCEEDED" } },
      { kind: "throttled", retryAfterMs: 1 },
    ]);
    expect(sent).toHaveLength(1);
    expect(await send()).toEqual(quota);
  });

  it("is said by the alarm, unless it is short", async () => {
    const { clock, alarms, sendAll, kinds } = arrangeGuard();
    await sendAll({ ...quota, retryAfterMs: 2_000 });
    expect(kinds()).toEqual([]);
    clock.advance(2_000);

    await sendAll(quota);

    expect(alarms.list()).toMatchObject([
      { kind: "provider_down", detail: expect.stringContaining("60 s: QUOTA_EXCEEDED") },
    ]);
  });

  it("holds nobody up where it concerns one device", async () => {
    const { send, sendAll } = arrangeGuard();
    await sendAll(...Array.from({ length: 5 }, (): Outcome => ({ ...quota, scope: "device" })), DELIVERED);

    expect(await send()).toEqual(DELIVERED);
  });
});

describe("an app that is refused", () => {
  it("raises the alarm at once, with the likely cause, and the next push that is taken clears it", async () => {
    const { alarms, sendAll, kinds } = arrangeGuard();

    await sendAll(REFUSED);
    expect(alarms.list()).toMatchObject([
      { kind: "app_refused", detail: expect.stringMatching(/InvalidProviderToken.*Likely cause: .*What to do: /) },
    ]);
    await sendAll(DELIVERED);

    expect(kinds()).toEqual([]);
  });

  it("is left alone, too, and no second alarm says so", async () => {
    const { clock, send, sendAll, kinds } = arrangeGuard();
    await sendAll(REFUSED, REFUSED, REFUSED);
    clock.advance(500);
    await sendAll(REFUSED);

    expect(await send()).toMatchObject({
      kind: "throttled",
      cause: { kind: "misconfigured", reason: "InvalidProviderToken" },
    });
    expect(kinds()).toEqual(["app_refused"]);
  });

  it("stays so while one of its ways is refused, though others are not", async () => {
    const { provider, send, kinds, events } = arrangeGuard({ step: REFUSED });
    await send(aCall());
    provider.step = DELIVERED;

    await send(aMessage());
    await send(aCall(), anIphone({ environment: "sandbox" }));
    expect(kinds()).toEqual(["app_refused"]);
    await send(aCall());

    expect(kinds()).toEqual([]);
    expect(events.names).toEqual(["alarmRaised", "alarmCleared"]);
  });

  it("is not meant where one device has named an app that is not served", async () => {
    const { send, sendAll, kinds } = arrangeGuard();

    await sendAll(...Array.from({ length: 5 }, (): Outcome => ({ ...REFUSED, scope: "device" })), DELIVERED);

    expect(kinds()).toEqual([]);
    expect(await send()).toEqual(DELIVERED);
  });
});
