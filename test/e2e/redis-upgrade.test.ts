import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { startCli, type CliProcess } from "../fixtures/cli-process.ts";
import { callApi, startReleasedCli, startRunningGateway } from "../fixtures/gateway-processes.ts";
import { startRedis, type RedisServer } from "../fixtures/redis-servers.ts";

const PATIENT = { timeoutMs: 15_000 };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

const readAddress = async (gateway: CliProcess) => {
  const [, plain = ""] = await gateway.waitFor(/"listen":"(http:[^"]+)"/);
  return { plain };
};

it(
  "a gateway takes over what release 0.1.0 held when it was killed, and 0.1.0 does not start again",
  { timeout: 90_000 },
  async () => {
    // Used only for its simulator and its directory.
    await using stage = await startRunningGateway();
    const { simulator, directory } = stage;
    const file = join(directory, "redis.yml");
    const store = `store: { kind: redis, redis: { url: "${redis.url}" } }`;
    await writeFile(file, `listen: [{ host: 127.0.0.1, port: 0 }]\n${buildAppsConfig(simulator)}\n${store}\n`);
    await using old = startReleasedCli("0.1.0", ["serve", "--config", file]);
    const before = await readAddress(old);
    const devices = "/v1/subscribers/alice%40example.org/devices";
    await callApi(before, "PUT", `${devices}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
    await callApi(before, "PUT", `${devices}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
    for (const token of [IPHONE_TOKENS.voip, ANDROID_TOKEN]) simulator.script(token, { transport: "silent", times: 1 });
    const call = { kind: "call", callee: "alice@example.org", call_id: "one@example.org" };
    const { id } = (await callApi(before, "POST", "/v1/pushes", call)).body;
    await simulator.mailbox.waitForAttempt(({ token }) => token === IPHONE_TOKENS.voip, PATIENT);
    await simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN, PATIENT);

    await using tooEarly = startCli(["serve", "--config", file]);
    const refused = await tooEarly.end;
    old.child.kill("SIGKILL");
    await old.end;
    await using gateway = startCli(["serve", "--config", file]);
    const after = await readAddress(gateway);

    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain("Stop all gateways of 0.1.0");
    await simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.voip, PATIENT);
    await simulator.mailbox.waitFor(({ token }) => token === ANDROID_TOKEN, PATIENT);
    await expect
      .poll(async () => (await callApi(after, "GET", `/v1/pushes/${String(id)}`)).body, { timeout: 10_000 })
      .toMatchObject({ id, state: "delivered" });
    const ended = await callApi(after, "POST", "/v1/calls/one%40example.org/events", { event: "cancel" });
    expect(ended.status).toBe(200);
    const next = await callApi(after, "POST", "/v1/pushes", { ...call, call_id: "two@example.org" });
    expect(next.body["id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

    await using again = startReleasedCli("0.1.0", ["serve", "--config", file]);
    const refusal = await again.end;
    expect(refusal.code).not.toBe(0);
    expect(refusal.stdout + refusal.stderr).toContain("laid out as");
  },
);
