import { expect, it, vi } from "vitest";
import { ANY_TOKEN, OAUTH_TOKEN, type Behaviour } from "../../../src/simulator/behaviour.ts";
import { IN_ORDER, isInTime, isSmooth, readAccount } from "./account.ts";
import { addPhones, apnsToken, fcmToken, openProviderFixture, withSecondDomain } from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** A tenth of the traffic plus the savings of quiet times: `openBudget` in src/app/configured.ts. */
const SAVED_RETRIES = 100;
const SHARE_OF_RETRIES = 0.1;

it.concurrent("A9: a device that Apple has had too many pushes for waits; no other does", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const busy = await fixture.addPhone("apns", apnsToken(1));
  const others = await Promise.all([2, 3, 4].map((number) => fixture.addPhone("apns", apnsToken(number))));
  simulator.script(apnsToken(1), { reason: "TooManyRequests", retryAfterSeconds: 3, times: 1 });
  const waiting = await fixture.push({ callee: busy });
  const first = await simulator.mailbox.waitForAttempt(({ fate }) => fate === "refused");

  const ends = await fixture.deliver(100, others);

  expect(isSmooth(ends)).toBe(true);
  expect(await fixture.endsOf([waiting])).toMatchObject([{ state: "delivered", deliveries: [{ attempts: 2 }] }]);
  const [, second] = fixture.attemptsOf(waiting);
  expect(second!.receivedAt - first.receivedAt).toBeGreaterThanOrEqual(3_000);
});

it.concurrent.each(["apns", "fcm"] as const)(
  "A10, F5: a storm of 503 from %s is met with few retries, and all is delivered when it is over",
  async (provider) => {
    await using fixture = await openProviderFixture();
    const { simulator } = fixture;
    const phones = await addPhones(fixture, provider, 10);
    simulator.script(OAUTH_TOKEN, {});
    simulator.script(ANY_TOKEN, { status: 503, reason: provider === "apns" ? "ServiceUnavailable" : "UNAVAILABLE" });

    const startedAt = performance.now();
    const ids = await fixture.burst(300, phones, { ttlSeconds: 60 });
    await vi.waitFor(() => expect(simulator.mailbox.attempts().length).toBeGreaterThan(0));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const seconds = (performance.now() - startedAt) / 1_000;
    const during = simulator.mailbox.attempts().filter((attempt) => attempt.provider === provider).length;
    simulator.script(ANY_TOKEN, { status: 503, oneIn: 2 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    simulator.forget(ANY_TOKEN);
    const ends = await fixture.endsOf(ids);

    const most = ids.length * (1 + SHARE_OF_RETRIES) + SAVED_RETRIES + seconds;
    expect(during).toBeLessThanOrEqual(Math.ceil(most));
    expect(isInTime(ends)).toBe(true);
    expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
  },
);

/** Google's pauses in every form, and how long nothing may be sent after each. */
const PAUSES: readonly (readonly [string, Behaviour, { readonly atLeastMs: number }])[] = [
  ["in seconds", { reason: "QUOTA_EXCEEDED", retryAfter: "3" }, { atLeastMs: 3_000 }],
  ["as a date", { reason: "QUOTA_EXCEEDED", retryAfter: "DATE" }, { atLeastMs: 2_000 }],
  ["that is negative", { reason: "UNAVAILABLE", retryAfter: "-5" }, { atLeastMs: 0 }],
];

it.concurrent.each(PAUSES)("F4: Retry-After %s is obeyed", async (_form, behaviour, { atLeastMs }) => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  // HTTP dates have no milliseconds: this one is two to three seconds ahead.
  const date = new Date(Date.now() + 3_000).toUTCString();
  const retryAfter = behaviour.retryAfter === "DATE" ? date : behaviour.retryAfter!;
  simulator.script(fcmToken(1), { ...behaviour, retryAfter, times: 1 });

  const id = await fixture.push({ callee: alice, ttlSeconds: 30 });
  const ends = await fixture.endsOf([id]);

  expect(ends).toMatchObject([{ state: "delivered", deliveries: [{ attempts: 2 }] }]);
  const [first, second] = fixture.attemptsOf(id);
  expect(second!.receivedAt - first!.receivedAt).toBeGreaterThanOrEqual(
    atLeastMs - 1_000 * Number(retryAfter === date),
  );
});

it.concurrent.each(["600", "99999999999999999999", new Date(Date.now() + 3_600_000).toUTCString()])(
  "F4: a push is not sent after a pause that outlasts it: Retry-After %s",
  async (retryAfter) => {
    await using fixture = await openProviderFixture();
    const { simulator } = fixture;
    const alice = await fixture.addPhone("fcm", fcmToken(1));
    simulator.script(fcmToken(1), { reason: "QUOTA_EXCEEDED", retryAfter });

    const id = await fixture.push({ callee: alice, ttlSeconds: 30 });
    const ends = await fixture.endsOf([id]);

    expect(ends).toMatchObject([{ state: "expired", deliveries: [{ attempts: 1 }] }]);
    expect(fixture.attemptsOf(id)).toHaveLength(1);
  },
);

it.concurrent("F4: without Retry-After a full quota is left alone for a minute", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  simulator.script(fcmToken(1), { reason: "QUOTA_EXCEEDED" });

  const id = await fixture.push({ callee: alice, ttlSeconds: 59 });
  const ends = await fixture.endsOf([id]);

  expect(ends).toMatchObject([{ state: "expired", deliveries: [{ attempts: 1 }] }]);
});

it.concurrent("F4: in a pause that Google wants of the whole project nothing is sent to anybody", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const [first, ...others] = await addPhones(fixture, "fcm", 10);
  simulator.script(fcmToken(0), { reason: "RESOURCE_EXHAUSTED", retryAfter: "4", times: 1 });
  const paused = await fixture.push({ callee: first! });
  const refusal = await simulator.mailbox.waitForAttempt(({ fate }) => fate === "refused");
  await vi.waitFor(async () => expect(await fixture.stateOf(paused)).toMatchObject({ deliveries: [{ attempts: 1 }] }));

  const ends = await fixture.deliver(50, others);

  expect(isInTime(ends)).toBe(true);
  const soonest = Math.min(...simulator.mailbox.deliveries().map(({ receivedAt }) => receivedAt));
  expect(soonest - refusal.receivedAt).toBeGreaterThanOrEqual(4_000);
});

it.concurrent("A10: a storm at Apple delays no call to Google, and one domain's no other's", async () => {
  await using fixture = await openProviderFixture({ apps: withSecondDomain });
  const { simulator } = fixture;
  const iPhones = await addPhones(fixture, "apns", 5);
  const android = await fixture.addPhone("fcm", fcmToken(1));
  const neighbour = await fixture.addPhone("apns", apnsToken(99), { domain: "example.com" });
  for (const number of iPhones.keys()) simulator.script(apnsToken(number), { status: 503 });
  const stormy = await fixture.burst(300, iPhones, { ttlSeconds: 60 });

  const calls = await fixture.deliver(50, [android, neighbour]);

  expect(isSmooth(calls)).toBe(true);
  const states = await Promise.all(stormy.map((id) => fixture.stateOf(id)));
  expect(states.filter(({ state }) => state !== "pending")).toEqual([]);
});
