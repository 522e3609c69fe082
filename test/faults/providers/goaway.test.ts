import { expect, it, vi } from "vitest";
import { ANY_TOKEN } from "../../../src/simulator/behaviour.ts";
import type { ConnectionStep } from "../../../src/simulator/connections/connection-script.ts";
import { IN_ORDER, isInTime, isSmooth, readAccount } from "./account.ts";
import { addPhones, openProviderFixture } from "./provider-fixture.ts";

const APNS = "apns-production";
/** Long enough for hundreds of pushes to be in flight at a GOAWAY. */
const SLOW = { delayMs: 150 };

// Allows for thousands of pushes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

it("A1: a GOAWAY in a burst of 5000 pushes, from one connection after the other: none lost, none doubled", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const phones = await addPhones(fixture, "apns");
  simulator.script(ANY_TOKEN, SLOW);
  const goodbye: ConnectionStep = { afterRequests: 900, do: "goaway", last: "served", reason: "Shutdown" };
  simulator.scriptConnections(APNS, { on: "next", steps: [goodbye] });

  const ends = await fixture.deliver(5_000, phones, { ttlSeconds: 100 });

  const connections = simulator.connections(APNS);
  expect(connections.filter(({ goAways }) => goAways.length === 1).length).toBeGreaterThan(3);
  // A GOAWAY gave up some requests, which were repeated over another connection.
  expect(connections.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(ends.length);
  expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
  expect(isSmooth(ends)).toBe(true);
});

it.each<[string, readonly ConnectionStep[]]>([
  [
    "in two steps",
    [
      { afterRequests: 80, do: "goaway", last: "all", reason: "Shutdown" },
      { afterMs: 30, do: "goaway", last: "served", reason: "Shutdown" },
    ],
  ],
  ["that covers all that has begun to arrive", [{ afterRequests: 80, do: "goaway", last: "received" }]],
])("A1, A2: a GOAWAY %s loses and doubles nothing", async (_how, steps) => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const phones = await addPhones(fixture, "apns");
  simulator.script(ANY_TOKEN, SLOW);
  simulator.scriptConnections(APNS, { on: "next", steps });

  const ends = await fixture.deliver(400, phones);

  const said = simulator.connections(APNS).filter(({ goAways }) => goAways.length === steps.length);
  expect(said.length).toBeGreaterThan(2);
  expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
  expect(isSmooth(ends)).toBe(true);
});

it("A2: after a GOAWAY with an error only what it covers may come twice, and nothing is lost", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const phones = await addPhones(fixture, "apns");
  simulator.script(ANY_TOKEN, SLOW);
  const steps: ConnectionStep[] = [{ afterRequests: 100, do: "goaway", code: 2, last: "served", reason: "Shutdown" }];
  simulator.scriptConnections(APNS, { on: "next", times: 3, steps });

  const ends = await fixture.deliver(500, phones);

  const account = readAccount(ends, simulator);
  expect(isInTime(ends)).toBe(true);
  expect(account.doubled.length).toBeGreaterThan(0);
  expect({ ...account, doubled: [] }).toEqual(IN_ORDER);
});

it.each(["max_age", "session_timeout"])("F5: Google's GOAWAY %s loses and doubles nothing", async (debugData) => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const phones = await addPhones(fixture, "fcm");
  simulator.script(ANY_TOKEN, { delayMs: 30, shape: "two-parts" });
  const steps: ConnectionStep[] = [
    { afterRequests: 50, do: "goaway", last: "all", debugData },
    { afterMs: 10, do: "goaway", last: "served", debugData },
  ];
  simulator.scriptConnections("google", { on: "next", steps });

  const ends = await fixture.deliver(200, phones);

  expect(simulator.connections("google").filter(({ goAways }) => goAways.length === 2).length).toBeGreaterThan(1);
  expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
  expect(isSmooth(ends)).toBe(true);
});
