import { expect, it, vi } from "vitest";
import { ANY_TOKEN } from "../../../src/simulator/behaviour.ts";
import type { Action, ConnectionStep } from "../../../src/simulator/connections/connection-script.ts";
import { IN_ORDER, isInTime, isSmooth, readAccount } from "./account.ts";
import {
  addPhones,
  apnsToken,
  buildTokenAppsConfig,
  openProviderFixture,
  type ProviderFixture,
} from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const APNS = "apns-production";

const refusedStreams = (fixture: ProviderFixture): number =>
  fixture.simulator.connections(APNS).reduce((sum, { refused }) => sum + refused, 0);

it("A3: what is refused is sent again at once, in the same attempt", async () => {
  await using fixture = await openProviderFixture();
  const phones = await addPhones(fixture, "apns", 100);
  for (const number of phones.keys()) {
    fixture.simulator.script(apnsToken(number), { transport: "refuse-stream", times: 3 });
  }

  const ends = await fixture.deliver(300, phones);

  expect(refusedStreams(fixture)).toBe(300);
  expect(readAccount(ends, fixture.simulator)).toEqual(IN_ORDER);
  expect(isSmooth(ends)).toBe(true);
});

const CUTS: readonly (readonly [string, Action])[] = [
  ["RST_STREAM(INTERNAL_ERROR) on all that is under way", "reset-streams"],
  ["a TCP reset in mid-flight", "reset"],
  ["a connection that is closed in mid-flight", "drop"],
];

it.each([
  ...CUTS.map(([what, action]) => ["A4", what, "apns", APNS, action] as const),
  ...CUTS.map(([what, action]) => ["F5", what, "fcm", "google", action] as const),
])(
  "%s: after %s nothing is lost by %s, and only what may have been lost is sent twice",
  async (_row, _what, provider, server, action) => {
    await using fixture = await openProviderFixture();
    const { simulator } = fixture;
    const phones = await addPhones(fixture, provider, 10);
    simulator.script(ANY_TOKEN, { delayMs: 100 });
    simulator.scriptConnections(server, { on: "next", times: 2, steps: [{ afterRequests: 50, do: action }] });

    const ends = await fixture.deliver(200, phones);

    const account = readAccount(ends, simulator);
    expect(isInTime(ends)).toBe(true);
    expect(account.doubled.length).toBeGreaterThan(0);
    expect({ ...account, doubled: [] }).toEqual(IN_ORDER);
    if (provider === "fcm") return;
    // The phone shows it once, because both have the same id.
    const idsOf = (push: string): number => new Set(fixture.attemptsOf(push).map(({ messageId }) => messageId)).size;
    expect(account.doubled.filter((push) => idsOf(push) !== 1)).toEqual([]);
  },
);

it("A12: a token key's connection starts with one stream, and a burst has none refused", async () => {
  await using fixture = await openProviderFixture({ apps: buildTokenAppsConfig });
  const phones = await addPhones(fixture, "apns", 10);

  const ends = await fixture.deliver(200, phones);

  expect(refusedStreams(fixture)).toBe(0);
  expect(isSmooth(ends)).toBe(true);
  expect(readAccount(ends, fixture.simulator)).toEqual(IN_ORDER);
});

it("A12: keeps to what Apple allows when that goes from 1 to 1000, to 1 and to 1000 again", async () => {
  await using fixture = await openProviderFixture({ apps: buildTokenAppsConfig });
  const { simulator } = fixture;
  const phones = await addPhones(fixture, "apns", 10);
  /** In a quiet moment, so that a stream too many is the client's own fault. */
  const announce = async (streams: number): Promise<void> => {
    await vi.waitFor(() =>
      expect(simulator.connections(APNS).filter(({ openStreams }) => openStreams > 0)).toEqual([]),
    );
    simulator.scriptConnections(APNS, { on: "open", steps: [{ do: "settings", streams }] });
  };

  const first = await fixture.deliver(100, phones);
  await announce(1);
  const second = await fixture.deliver(100, phones);
  await announce(1_000);
  const third = await fixture.deliver(100, phones);

  const ends = [...first, ...second, ...third];
  expect(refusedStreams(fixture)).toBe(0);
  expect(isSmooth(ends)).toBe(true);
  expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
});

it("A12: repeats what Apple refuses because it allows less all of a sudden", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const phones = await addPhones(fixture, "apns", 10);
  simulator.script(ANY_TOKEN, { delayMs: 5 });
  const steps: ConnectionStep[] = [
    { afterRequests: 50, do: "settings", streams: 1 },
    { afterRequests: 10, do: "settings", streams: 1_000 },
  ];
  simulator.scriptConnections(APNS, { on: "next", steps });

  const ends = await fixture.deliver(400, phones);

  expect(isInTime(ends)).toBe(true);
  expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
});
