import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { startCli } from "../fixtures/cli-process.ts";
import { startRedis, type RedisServer } from "../fixtures/redis-servers.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { callApi, LISTENERS_CONFIG, startRunningGateway } from "../fixtures/gateway-processes.ts";

describe("two gateways on one Redis", () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  const config = (simulator: Simulator) => `
${buildAppsConfig(simulator)}
store:
  kind: redis
  redis: { url: "redis://127.0.0.1:${redis.port}", key_prefix: "e2e:" }
`;

  it("share devices, and the one delivers what the other had accepted when it was killed, once", async () => {
    await using running = await startRunningGateway({ config });
    const { simulator } = running;
    const devices = "/v1/subscribers/alice%40example.org/devices";
    await callApi(running, "PUT", `${devices}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
    await callApi(running, "PUT", `${devices}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
    const file = join(running.directory, "other.yml");
    await writeFile(file, LISTENERS_CONFIG + config(simulator));
    await using other = startCli(["serve", "--config", file]);
    const [, plain = ""] = await other.waitFor(/"listen":"(http:[^"]+)"/);
    for (const token of [IPHONE_TOKENS.voip, ANDROID_TOKEN]) simulator.script(token, { transport: "silent", times: 1 });

    const accepted = await callApi({ plain }, "GET", "/push?caller=+431&callee=alice&domain=example.org&push_id=one");
    expect(accepted.status).toBe(200);
    await simulator.mailbox.waitForAttempt(({ token }) => token === IPHONE_TOKENS.voip);
    await simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN);
    other.child.kill("SIGKILL");

    await simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.voip, { timeoutMs: 15_000 });
    await simulator.mailbox.waitFor(({ token }) => token === ANDROID_TOKEN, { timeoutMs: 15_000 });
    await expect
      .poll(async () => (await callApi(running, "GET", `/v1/pushes/${String(accepted.body["id"])}`)).body)
      .toMatchObject({ state: "delivered" });
    expect(simulator.mailbox.deliveries()).toHaveLength(2);
  });

  it("are not ready while their Redis would throw pushes away", async () => {
    await using running = await startRunningGateway({ config });
    expect((await callApi(running, "GET", "/readyz")).status).toBe(200);

    await redis.admin.config("SET", "maxmemory-policy", "allkeys-lru");
    const { status, body } = await callApi(running, "GET", "/readyz");
    await redis.admin.config("SET", "maxmemory-policy", "noeviction");

    expect(status).toBe(503);
    expect(JSON.stringify(body)).toMatch(/maxmemory-policy/);
  });
});

it("takes up a changed password_file, and goes on when Redis no longer knows the old password", async () => {
  await using redis = await startRedis();
  const setUser = (...rules: string[]) => redis.admin.call("ACL", "SETUSER", "gateway", ...rules);
  await setUser("on", ">old-password", "~*", "&*", "+@all");
  const login = "username: gateway, password_file: redis.password";
  await using running = await startRunningGateway({
    config: (simulator) =>
      `${buildAppsConfig(simulator)}\nlimits: { loop_delay_ms: 0 }\nstore: { kind: redis, redis: { url: "${redis.url}", ${login} } }\n`,
    prepare: (_simulator, directory) => writeFile(join(directory, "redis.password"), "old-password\n"),
    lookEveryMs: 50,
  });
  const devices = "/v1/subscribers/alice%40example.org/devices";
  const phone = { provider: "fcm", token: ANDROID_TOKEN };
  // On a busy machine Redis may be late when the gateway starts.
  const register = async () => (await callApi(running, "PUT", `${devices}/pixel`, phone)).status;
  await expect.poll(register, { timeout: 10_000 }).toBeLessThan(300);

  await setUser(">new-password");
  await writeFile(join(running.directory, "redis.password"), "new-password\n");
  await expect.poll(() => JSON.stringify(running.logLines)).toContain("credentials renewed");
  await setUser("<old-password");
  await redis.admin.call("CLIENT", "KILL", "USER", "gateway");

  const push = () => callApi(running, "POST", "/v1/pushes", { callee: "alice@example.org", push_id: "after" });
  // The answer to a repeat of the accepted push.
  await expect.poll(push, { timeout: 10_000 }).toMatchObject({ status: 200, body: { id: expect.any(String) } });
  await running.simulator.mailbox.waitFor(({ token }) => token === ANDROID_TOKEN, { timeoutMs: 10_000 });
  expect(JSON.stringify(running.logLines)).not.toContain("new-password");
});
