import { once } from "node:events";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeSimulatorFiles } from "./simulator-files.ts";
import { startSimulator } from "./simulator.ts";
import { IPHONE, openApnsClient } from "../../test/fixtures/simulator/apns-client.ts";
import { failureOf } from "../../test/fixtures/simulator/http2-client.ts";
import { openGoogleClient } from "../../test/fixtures/simulator/google-client.ts";

it("stops at once with clients connected and pushes unanswered", async () => {
  const simulator = await startSimulator();
  await using google = await openGoogleClient(simulator);
  await using apns = await openApnsClient(simulator);
  simulator.script(IPHONE, { transport: "silent", times: 1 }, { delayMs: 60_000 });
  await apns.push({ token: "b2".repeat(32) });
  const unanswered = [failureOf(apns.push()), failureOf(apns.push())];
  const isIphone = ({ token }: { token: string }) => token === IPHONE;
  await simulator.mailbox.waitForAttempt((attempt) => isIphone(attempt) && attempt.fate === "delivered");
  const googleClosed = once(google.session, "close");
  const begin = performance.now();

  await simulator[Symbol.asyncDispose]();

  expect(performance.now() - begin).toBeLessThan(500);
  expect(await Promise.all(unanswered)).toEqual([expect.any(Error), expect.any(Error)]);
  await googleClosed;
});

it("releases its ports, and takes those that it is told", async () => {
  const first = await startSimulator();
  const ports = {
    apnsProduction: portOf(first.apns.production),
    apnsSandbox: portOf(first.apns.sandbox),
    google: portOf(first.fcm.origin),
    control: portOf(first.control),
  };
  await first[Symbol.asyncDispose]();

  await using second = await startSimulator({ ports });

  expect([second.apns.production, second.apns.sandbox, second.fcm.origin, second.control]).toEqual([
    first.apns.production,
    first.apns.sandbox,
    first.fcm.origin,
    first.control,
  ]);
});

it("may be stopped twice", async () => {
  const simulator = await startSimulator();

  await simulator[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();

  await expect(fetch(`${simulator.control}/healthz`)).rejects.toThrow("fetch failed");
});

it("leaves no port open when it cannot start", async () => {
  await using first = await startSimulator();
  const { port: apnsProduction } = await freePort();

  await expect(startSimulator({ ports: { apnsProduction, control: portOf(first.control) } })).rejects.toThrow(
    "EADDRINUSE",
  );

  await using second = await startSimulator({ ports: { apnsProduction } });
  expect(portOf(second.apns.production)).toBe(apnsProduction);
});

it("tells every attempt to whoever listens, and is somebody else's Apple if asked", async () => {
  const seen: string[] = [];
  await using simulator = await startSimulator({
    bundleId: "com.example.talk",
    teamId: "TALKTEAM01",
    publicName: "localhost",
    onAttempt: ({ fate }) => seen.push(fate),
  });
  await using client = await openApnsClient(simulator);

  await client.push();

  expect(seen).toEqual(["delivered"]);
  expect(simulator.apns.production).toMatch(/^https:\/\/localhost:\d+$/);
  expect(simulator.mailbox.deliveries()).toMatchObject([{ headers: { "apns-topic": "com.example.talk" } }]);
});

it("writes the credentials of a gateway, the secret ones for its owner alone", async () => {
  const directory = await mkdtemp(join(tmpdir(), "simulator-"));
  try {
    await using earlier = await startSimulator();
    await writeSimulatorFiles(earlier, directory);
    await using simulator = await startSimulator();

    const files = await writeSimulatorFiles(simulator, directory);

    const text = (path: string) => readFile(path, "utf8");
    const account = JSON.parse(await text(files.serviceAccount)) as Record<string, string>;
    const server = new X509Certificate(await text(files.serverCertificate));
    expect(account["token_uri"]).toBe(simulator.fcm.tokenEndpoint);
    expect(files.apnsTokenKey).toBe(join(directory, "AuthKey_SIMKEY0001.p8"));
    expect(server.verify(new X509Certificate(await text(files.ca)).publicKey)).toBe(true);
    expect(server.checkPrivateKey(createPrivateKey(await text(files.serverKey)))).toBe(true);
    for (const secret of [files.apnsKey, files.apnsTokenKey, files.serviceAccount, files.serverKey]) {
      expect((await stat(secret)).mode & 0o777).toBe(0o600);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

function portOf(origin: string): number {
  return Number(new URL(origin).port);
}

async function freePort(): Promise<{ port: number }> {
  await using simulator = await startSimulator();
  return { port: portOf(simulator.control) };
}
