import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { buildAppsConfig } from "../../../src/demo/simulated-setup.ts";
import { ANY_TOKEN, type Behaviour } from "../../../src/simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../../src/simulator/simulator-files.ts";
import { apnsToken, fcmToken, openProviderScene, type NewPush, type ProviderScene } from "./provider-scene.ts";

/** Few slots, so that a storm fills them. */
const PLACES = { hands: 64, seats: 64 };
const STORM = 200;
const CALLS = 20;

interface Neighbours extends ProviderScene {
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
  const scene = await openProviderScene({
    places: PLACES,
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
  await scene.client.put(`/v1/subscribers/${sick}/devices/phone`, {
    provider: "apns",
    tokens: { voip: apnsToken(7), remote: apnsToken(7) },
  });
  const well = await scene.addPhone("apns", apnsToken(1));
  opened.use(scene);
  const neighbours = opened.move();
  return {
    ...scene,
    apple,
    sick,
    well,
    async countLeased() {
      const text = await scene.client.get("/metrics");
      return Number(/sip_pushd_queued_pushes\{state="leased"\} (\d+)/.exec(text ?? "")?.[1]);
    },
    [Symbol.asyncDispose]: () => neighbours.disposeAsync(),
  };
}

const storm = (scene: Neighbours, push: Omit<NewPush, "callee"> = {}): Promise<readonly string[]> =>
  scene.burst(STORM, [scene.sick], { ttlSeconds: 50, ...push });

async function statesOf(scene: ProviderScene, ids: readonly string[]): Promise<Set<string>> {
  const pushes = await Promise.all(ids.map((id) => scene.stateOf(id)));
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
    await using scene = await openNeighbours(behaviour);
    // A message waits a quarter of an hour for a busy provider, and ends at once if its lifetime is shorter.
    const lasting = { kind: "message", ttlSeconds: 3_600 } as const;
    const waiting = [...(await storm(scene)), ...(await storm(scene, lasting))];

    const ends = await scene.deliver(CALLS, [scene.well], { ttlSeconds: 50 });

    expect(ends.map(({ state }) => state)).toEqual(ends.map(() => "delivered"));
    expect(ends.map(({ deliveries }) => deliveries[0]?.attempts)).toEqual(ends.map(() => 1));
    expect(await statesOf(scene, waiting)).toEqual(new Set(["pending"]));
    expect(await scene.countLeased()).toBeLessThanOrEqual(PLACES.hands + PLACES.seats);
  },
  60_000,
);

it.concurrent("asks an app that is refused little, says so, keeps its pushes, and delivers them when it is mended", async () => {
  await using scene = await openNeighbours({ reason: "InvalidProviderToken" });
  const { apple } = scene;

  const ids = await storm(scene);
  await vi.waitFor(async () => expect(await scene.alarms()).toEqual(["app_refused sick.example.org/apns"]));
  const asked = apple.mailbox.attempts().length;
  apple.forget(ANY_TOKEN);
  const ends = await scene.endsOf(ids, 40_000);

  expect(asked).toBeLessThan(STORM / 2);
  expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(["delivered"]));
  expect(apple.mailbox.deliveries()).toHaveLength(STORM);
  expect(await scene.alarms()).toEqual([]);
});

it.concurrent("pauses a project that Google asks to pause, and no call goes out before it is over", async () => {
  await using scene = await openProviderScene({ places: PLACES });
  const { simulator } = scene;
  const phones = await Promise.all([1, 2].map((number) => scene.addPhone("fcm", fcmToken(number))));
  simulator.script(fcmToken(1), { reason: "RESOURCE_EXHAUSTED", status: 429, retryAfterSeconds: 3, times: 1 });
  const first = await scene.push({ callee: phones[0] ?? "" });
  const told = await simulator.mailbox.waitForAttempt(({ fate }) => fate === "refused");
  await vi.waitFor(async () => expect(await scene.stateOf(first)).toMatchObject({ deliveries: [{ attempts: 1 }] }));

  const ends = await scene.deliver(CALLS, phones);

  const sent = simulator.mailbox.deliveries().map(({ receivedAt }) => receivedAt - told.receivedAt);
  expect(Math.min(...sent)).toBeGreaterThanOrEqual(3_000);
  expect(new Set([...ends, ...(await scene.endsOf([first]))].map(({ state }) => state))).toEqual(
    new Set(["delivered"]),
  );
  expect(ends.map(({ deliveries }) => deliveries[0]?.attempts)).toEqual(ends.map(() => 1));
});

it.concurrent("sends an app's calls before its messages, however many of these wait", async () => {
  await using scene = await openProviderScene({ places: PLACES });
  const { simulator } = scene;
  const [busy, callee] = await Promise.all([
    scene.addPhone("apns", apnsToken(1)),
    scene.addPhone("apns", apnsToken(2)),
  ]);
  simulator.script(apnsToken(1), { delayMs: 5_000 });

  const messages = await scene.burst(STORM, [busy], { kind: "message", ttlSeconds: 60 });
  const calls = await scene.deliver(CALLS, [callee]);

  expect(calls.map(({ state }) => state)).toEqual(calls.map(() => "delivered"));
  expect(await statesOf(scene, messages)).toContain("pending");
});
