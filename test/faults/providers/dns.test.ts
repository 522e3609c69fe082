import type { LookupFunction } from "node:net";
import { expect, it, vi } from "vitest";
import { Channel } from "../../../src/providers/channel/channel.ts";
import { startSimulator, type Simulator } from "../../../src/simulator/simulator.ts";
import { apnsToken } from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const HOST = "api.push.apple.com";
const APNS = "apns-production";
/** A loopback address without a listener. */
const DEAD = "127.0.0.99";

/** Creates a resolver with scripted answers that counts its queries. */
function createResolver(addresses: readonly string[]) {
  let answer: readonly string[] = addresses;
  let asked = 0;
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked += 1;
    const [first] = answer;
    if (first === undefined) {
      const error = Object.assign(new Error(`getaddrinfo EAI_AGAIN ${hostname}`), { code: "EAI_AGAIN" });
      return void setImmediate(() => callback(error, []));
    }
    const list = answer.map((address) => ({ address, family: 4 }));
    setImmediate(() => (options.all === true ? callback(null, list) : callback(null, first, 4)));
  };
  return {
    lookup,
    set: (...next: readonly string[]) => (answer = next),
    get asked() {
      return asked;
    },
  };
}

function openChannel({ pki, credentials, apns, ca }: Simulator, lookup: LookupFunction, trusted = ca): Channel {
  const { certificate: cert, key } = pki.issueApnsCertificate({ bundleId: credentials.bundleId });
  const origin = `https://${HOST}:${new URL(apns.production).port}`;
  return new Channel({ origin, lookup, tls: { ca: trusted, cert, key } });
}

async function send(channel: Channel, timeoutMs = 5_000): Promise<number | string> {
  const request = {
    path: `/3/device/${apnsToken(1)}`,
    headers: { "apns-topic": "org.example.phone", "apns-push-type": "alert" },
    body: '{"aps":{"alert":"hello"}}',
  };
  return channel.request(request, AbortSignal.timeout(timeoutMs)).then(
    ({ status }) => status,
    (error: Error) => error.name,
  );
}

it("A15: a name that cannot be resolved any more does no harm to connections that are there", async () => {
  await using simulator = await startSimulator();
  const resolver = createResolver(["127.0.0.1"]);
  await using channel = openChannel(simulator, resolver.lookup);
  await send(channel);
  resolver.set();

  const statuses = await Promise.all(Array.from({ length: 50 }, () => send(channel)));

  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(simulator.connections(APNS)).toHaveLength(1);
});

it("A15: an address at which nobody listens is passed over for the next one", async () => {
  await using simulator = await startSimulator();
  const resolver = createResolver([DEAD, "127.0.0.1"]);
  await using channel = openChannel(simulator, resolver.lookup);

  expect(await send(channel)).toBe(200);
});

it("A15: the name is resolved anew for each connection, so that a move is followed", async () => {
  const old = await startSimulator();
  const apnsProduction = Number(new URL(old.apns.production).port);
  await using next = await startSimulator({ host: "127.0.0.2", ports: { apnsProduction } });
  const resolver = createResolver(["127.0.0.1"]);
  // The new simulator accepts only certificates of its own authority.
  await using channel = openChannel({ ...next, apns: old.apns }, resolver.lookup, `${old.ca}\n${next.ca}`);
  await send(channel);
  expect(old.connections(APNS)).toHaveLength(1);

  resolver.set("127.0.0.2");
  await old[Symbol.asyncDispose]();

  await vi.waitFor(async () => expect(await send(channel)).toBe(200), { timeout: 10_000 });
  expect(next.mailbox.deliveries()).toHaveLength(1);
});

it("A15: however much there is to send, a name or an address that fails is not tried in a rush", async () => {
  await using simulator = await startSimulator();
  const resolver = createResolver([]);
  await using channel = openChannel(simulator, resolver.lookup);
  const startedAt = performance.now();
  const enough = AbortSignal.timeout(2_500);

  const outcomes = new Set<number | string>();
  while (!enough.aborted) outcomes.add(await send(channel, 500));

  const seconds = (performance.now() - startedAt) / 1_000;
  expect(outcomes).toEqual(new Set(["NotProcessedError"]));
  expect(resolver.asked).toBeGreaterThan(1);
  expect(resolver.asked).toBeLessThanOrEqual(3 + seconds);
  resolver.set("127.0.0.1");
  await vi.waitFor(async () => expect(await send(channel)).toBe(200), { timeout: 10_000 });
});
