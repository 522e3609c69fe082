import { expect, it, vi } from "vitest";
import { addPhones, apnsToken, fcmToken, openProviderFixture, type ProviderFixture } from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const SECOND = 1_000;
/** A dead token is kept for two seconds, in which a burst would show. */
const PATIENT = { timeout: 10 * SECOND };

const hasDevice = async (fixture: ProviderFixture, aor: string): Promise<boolean> =>
  ((await fixture.client.get(`/v1/subscribers/${aor}/devices`)) ?? "").includes('"device":"phone"');

/** Waits until another token has been deleted; by then all earlier deletions are done. */
async function awaitAnotherForgotten(fixture: ProviderFixture): Promise<void> {
  const other = await fixture.addPhone("fcm", fcmToken(999));
  fixture.simulator.script(fcmToken(999), { reason: "UNREGISTERED" });
  await fixture.deliver(1, [other]);
  await vi.waitFor(async () => expect(await hasDevice(fixture, other)).toBe(false), PATIENT);
}

it.concurrent("A13: a 410 removes the device that registered before Apple's timestamp", async () => {
  await using fixture = await openProviderFixture();
  const alice = await fixture.addPhone("apns", apnsToken(1));
  fixture.simulator.script(apnsToken(1), { reason: "Unregistered", timestamp: Date.now() + SECOND });

  const ends = await fixture.deliver(1, [alice]);

  expect(ends).toMatchObject([{ state: "failed", deliveries: [{ reason: "Unregistered", attempts: 1 }] }]);
  await vi.waitFor(async () => expect(await hasDevice(fixture, alice)).toBe(false), PATIENT);
});

it.concurrent("A13: a 410 that is older than the registration removes nothing", async () => {
  await using fixture = await openProviderFixture();
  const alice = await fixture.addPhone("apns", apnsToken(1));
  fixture.simulator.script(apnsToken(1), { reason: "Unregistered", timestamp: Date.now() - 60 * SECOND });

  await fixture.deliver(1, [alice]);
  await awaitAnotherForgotten(fixture);

  expect(await hasDevice(fixture, alice)).toBe(true);
});

it.concurrent("A13: a phone that registers again while the 410 is on its way stays", async () => {
  await using fixture = await openProviderFixture();
  const { simulator, client } = fixture;
  const token = apnsToken(1);
  const alice = await fixture.addPhone("apns", token);
  simulator.script(token, { reason: "Unregistered", timestamp: Date.now(), delayMs: 500 });
  const id = await fixture.push({ callee: alice });
  await simulator.mailbox.waitForAttempt((attempt) => attempt.token === token);

  const path = `/v1/subscribers/${alice}/devices/phone`;
  await client.put(path, { provider: "apns", tokens: { voip: token, remote: token } });
  await fixture.endsOf([id]);
  await awaitAnotherForgotten(fixture);

  expect(await hasDevice(fixture, alice)).toBe(true);
});

it.concurrent.each(["BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered"])(
  "A13: %s for every phone at once, as wrong settings give, removes none and raises an alarm",
  async (reason) => {
    await using fixture = await openProviderFixture();
    const phones = await addPhones(fixture, "apns", 30);
    for (const number of phones.keys()) {
      fixture.simulator.script(apnsToken(number), { reason, ...(reason === "Unregistered" ? { status: 410 } : {}) });
    }

    const ends = await fixture.deliver(30, phones, { ttlSeconds: 10 });
    await awaitAnotherForgotten(fixture);

    expect(new Set(ends.map(({ state }) => state))).not.toContain("delivered");
    expect(await Promise.all(phones.map((aor) => hasDevice(fixture, aor)))).toEqual(phones.map(() => true));
    expect(await fixture.alarms()).toContain("tokens_refused global/apns");
  },
);

it.concurrent.each([
  ["UNREGISTERED", { reason: "UNREGISTERED" }, false],
  ["404 as a wrong project gives it", { reason: "NOT_FOUND" }, true],
  ["404 with a page of HTML", { status: 404 }, true],
  ["SENDER_ID_MISMATCH", { reason: "SENDER_ID_MISMATCH" }, true],
  ["INVALID_ARGUMENT", { reason: "INVALID_ARGUMENT" }, true],
  ["403 as a missing role gives it", { reason: "PERMISSION_DENIED" }, true],
] as const)("F3: of Google's refusals only UNREGISTERED ends a token: %s", async (_what, behaviour, stays) => {
  await using fixture = await openProviderFixture();
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  fixture.simulator.script(fcmToken(1), behaviour);

  const ends = await fixture.deliver(1, [alice], { ttlSeconds: 4 });

  expect(ends[0]?.state).not.toBe("delivered");
  await awaitAnotherForgotten(fixture);
  expect(await hasDevice(fixture, alice)).toBe(stays);
});
