import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { buildAppsConfig } from "../../../src/demo/simulated-setup.ts";
import { ANY_TOKEN, type Behaviour } from "../../../src/simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../../src/simulator/simulator-files.ts";
import { apnsToken, fcmToken, openProviderFixture, type NewPush, type ProviderFixture } from "./provider-fixture.ts";

/** Few slots, so that a storm fills them. */
const SLOTS = { inFlight: 64, retries: 64 };
const STORM = 200;
const CALLS = 20;

interface Neighbours extends ProviderFixture {
  /** The faulty Apple. */
  readonly apple: Simulator;
  readonly sick: string;
  readonly well: string;
  /** Number of pushes that the gateway works on, or waits with. */
  countLeased(): Promise<number>;
}

/** Opens two domains: one with its own app, for which Apple behaves as given, and one with the global app. */
async function openNeighbours(behaviour: Behaviour): Promise<Neighbours> {
  await using opened = new AsyncDisposableStack();
  const apple = opened.use(await startSimulator());
  apple.script(ANY_TOKEN, behaviour);
  const fixture = await openProviderFixture({
    slots: SLOTS,
    prepare: async (_simulator, directory) => void (await writeSimulatorFiles(apple, join(directory, "sick"))),
    apps: (simulator) => `${buildAppsConfig(simulator)}domains:
  - domain: sick.example.org
    apns:
      certificate: sick/apns-cert.pem
      key: sick/apns-key.pem
      endpoint: ${apple.apns.production}
      sandbox_endpoint: ${apple.apns.sandbox}
      ca_file: sick/ca.crt
`,
  });
  const sick = "alice@sick.example.org";
  await fixture.client.put(`/v1/subscribers/${sick}/devices/phone`, {
    provider: "apns",
    tokens: { voip: apnsToken(7), remote: apnsToken(7) },
  });
  const well = await fixture.addPhone("apns", apnsToken(1));
  opened.use(fixture);
  const neighbours = opened.move();
  return {
    ...fixture,
    apple,
    sick,
    well,
    async countLeased() {
      const text = await fixture.client.get("/metrics");
      return Number(/sip_pushd_queued_pushes\{state="leased"\} (\d+)/.exec(text ?? "")?.[1]);
    },
    [Symbol.asyncDispose]: () => neighbours.disposeAsync(),
  };
}

const storm = (fixture: Neighbours, push: Omit<NewPush, "callee"> = {}): Promise<readonly string[]> =>
  fixture.burst(STORM, [fixture.sick], { ttlSeconds: 50, ...push });

async function statesOf(fixture: ProviderFixture, ids: readonly string[]): Promise<Set<string>> {
  const pushes = await Promise.all(ids.map((id) => fixture.stateOf(id)));
  return new Set(pushes.map(({ state }) => state));
}

const SICK: readonly (readonly [string, Behaviour])[] = [
  ["whose credentials Apple refuses", { reason: "InvalidProviderToken" }],
  ["whose provider is down", { reason: "ServiceUnavailable" }],
  ["whose provider closes every connection", { transport: "drop-connection" }],
  ["whose provider says nothing", { transport: "silent" }],
  ["whose provider takes half a minute for each answer", { delayMs: 30_000 }],
];

it.concurrent.each(SICK)(
  "a domain %s does not keep another domain's fresh calls waiting, nor does the storm of its retries",
  async (_why, behaviour) => {
    await using fixture = await openNeighbours(behaviour);
    // A message waits a quarter of an hour for a busy provider, and ends at once if its lifetime is shorter.
    const lasting = { kind: "message", ttlSeconds: 3_600 } as const;
    const waiting = [...(await storm(fixture)), ...(await storm(fixture, lasting))];

    const ends = await fixture.deliver(CALLS, [fixture.well], { ttlSeconds: 50 });

    expect(ends.map(({ state }) => state)).toEqual(ends.map(() => "delivered"));
    expect(ends.map(({ deliveries }) => deliveries[0]?.attempts)).toEqual(ends.map(() => 1));
    expect(await statesOf(fixture, waiting)).toEqual(new Set(["pending"]));
    expect(await fixture.countLeased()).toBeLessThanOrEqual(SLOTS.inFlight + SLOTS.retries);
  },
  60_000,
);

it.concurrent("asks an app that is refused little, says so, keeps its pushes, and delivers them when it is mended", async () => {
  await using fixture = await openNeighbours({ reason: "InvalidProviderToken" });
  const { apple } = fixture;

  const ids = await storm(fixture);
  await vi.waitFor(async () => expect(await fixture.alarms()).toEqual(["app_refused sick.example.org/apns"]));
  const asked = apple.mailbox.attempts().length;
  apple.forget(ANY_TOKEN);
  const ends = await fixture.endsOf(ids, 40_000);

  expect(asked).toBeLessThan(STORM / 2);
  expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(["delivered"]));
  expect(apple.mailbox.deliveries()).toHaveLength(STORM);
  expect(await fixture.alarms()).toEqual([]);
});

it.concurrent("pauses a project that Google asks to pause, and no call goes out before it is over", async () => {
  await using fixture = await openProviderFixture({ slots: SLOTS });
  const { simulator } = fixture;
  const phones = await Promise.all([1, 2].map((number) => fixture.addPhone("fcm", fcmToken(number))));
  simulator.script(fcmToken(1), { reason: "RESOURCE_EXHAUSTED", status: 429, retryAfterSeconds: 3, times: 1 });
  const first = await fixture.push({ callee: phones[0] ?? "" });
  const told = await simulator.mailbox.waitForAttempt(({ fate }) => fate === "refused");
  await vi.waitFor(async () => expect(await fixture.stateOf(first)).toMatchObject({ deliveries: [{ attempts: 1 }] }));

  const ends = await fixture.deliver(CALLS, phones);

  const sent = simulator.mailbox.deliveries().map(({ receivedAt }) => receivedAt - told.receivedAt);
  expect(Math.min(...sent)).toBeGreaterThanOrEqual(3_000);
  expect(new Set([...ends, ...(await fixture.endsOf([first]))].map(({ state }) => state))).toEqual(
    new Set(["delivered"]),
  );
  expect(ends.map(({ deliveries }) => deliveries[0]?.attempts)).toEqual(ends.map(() => 1));
});

it.concurrent("sends an app's calls before its messages, however many of these wait", async () => {
  await using fixture = await openProviderFixture({ slots: SLOTS });
  const { simulator } = fixture;
  const [busy, callee] = await Promise.all([
    fixture.addPhone("apns", apnsToken(1)),
    fixture.addPhone("apns", apnsToken(2)),
  ]);
  simulator.script(apnsToken(1), { delayMs: 5_000 });

  const messages = await fixture.burst(STORM, [busy], { kind: "message", ttlSeconds: 60 });
  const calls = await fixture.deliver(CALLS, [callee]);

  expect(calls.map(({ state }) => state)).toEqual(calls.map(() => "delivered"));
  expect(await statesOf(fixture, messages)).toContain("pending");
});
