import { expect, it, vi } from "vitest";
import { isInTime, isSmooth, readAccount } from "./account.ts";
import { apnsToken, fcmToken, openProviderFixture } from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const APNS = "apns-production";

/** Prints how long it took to find a dead connection, for information only. */
const report = (ms: number): void => console.info(`found after ${ms} ms`);

it.concurrent("A5: calls on a connection that has died unnoticed are delivered within their deadline, over another", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("apns", apnsToken(1));
  await fixture.deliver(5, [alice]);
  const deadConnection = simulator.connections(APNS)[0]!;
  simulator.scriptConnections(APNS, { on: "open", steps: [{ do: "silence" }] });
  const silentSince = Date.now();

  const ends = await fixture.deliver(20, [alice], { ttlSeconds: 30 });

  const next = simulator.connections(APNS).find(({ id }) => id > deadConnection.id)!;
  report(next.openedAt - silentSince);
  expect(isInTime(ends)).toBe(true);
  expect(readAccount(ends, simulator)).toMatchObject({ lost: [], unexplained: [] });
});

it.concurrent("A5: the same with Google, which must not be asked by many PINGs", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  await fixture.deliver(5, [alice]);
  const deadConnection = simulator.connections("google")[0]!;
  simulator.scriptConnections("google", { on: "open", steps: [{ do: "silence" }] });
  const silentSince = Date.now();

  const ends = await fixture.deliver(20, [alice], { ttlSeconds: 30 });

  const next = simulator.connections("google").find(({ id }) => id > deadConnection.id)!;
  report(next.openedAt - silentSince);
  expect(isInTime(ends)).toBe(true);
  expect(readAccount(ends, simulator)).toMatchObject({ lost: [], unexplained: [] });
});

it.concurrent("A5: a slow answer of Google is asked after by two PINGs, which it allows, and its connection kept", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  await fixture.deliver(1, [alice]);
  simulator.script(fcmToken(1), { delayMs: 7_000 });

  const ends = await fixture.deliver(1, [alice], { ttlSeconds: 30 });

  expect(ends).toMatchObject([{ state: "delivered", deliveries: [{ attempts: 1 }] }]);
  expect(simulator.connections("google").filter(({ requests }) => requests > 0)).toMatchObject([{ pings: 2 }]);
});

it.concurrent("A6: silence about one token holds up nobody else, and that push is tried again in time", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const silent = await fixture.addPhone("apns", apnsToken(1));
  const others = await Promise.all([2, 3, 4].map((number) => fixture.addPhone("apns", apnsToken(number))));
  simulator.script(apnsToken(1), { transport: "silent" });
  const waiting = await fixture.push({ callee: silent, ttlSeconds: 24 });
  await simulator.mailbox.waitForAttempt(({ fate }) => fate === "lost");

  const ends = await fixture.deliver(100, others);

  expect(isSmooth(ends)).toBe(true);
  simulator.forget(apnsToken(1));
  const [late] = await fixture.endsOf([waiting]);
  expect(late).toMatchObject({ state: "delivered" });
  expect(late!.deliveries[0]!.attempts).toBeGreaterThan(1);
});

it("A11: more slow pushes to Apple than the gateway works on at once hold up nothing for Google", async () => {
  await using fixture = await openProviderFixture({ settings: "store: { max_pending_per_callee: 5000 }" });
  const { simulator } = fixture;
  const iPhone = await fixture.addPhone("apns", apnsToken(1));
  const android = await fixture.addPhone("fcm", fcmToken(1));
  simulator.script(apnsToken(1), { delayMs: 25_000 });
  const slow = await fixture.burst(2_100, [iPhone], { ttlSeconds: 60 });

  const ends = await fixture.deliver(50, [android]);

  expect(isSmooth(ends)).toBe(true);
  const states = await Promise.all(slow.slice(0, 100).map((id) => fixture.stateOf(id)));
  expect(states.filter(({ state }) => state !== "pending")).toEqual([]);
});
