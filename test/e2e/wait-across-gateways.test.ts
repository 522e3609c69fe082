import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { ANDROID_TOKEN } from "../fixtures/builders.ts";
import { startCli } from "../fixtures/cli-process.ts";
import { startRedis } from "../fixtures/redis-servers.ts";
import { callApi, LISTENERS_CONFIG, startRunningGateway } from "../fixtures/gateway-processes.ts";

const WAIT = { timeout: 10_000 };

/** Two gateways on one Redis, with one phone of Alice's. */
async function startTwoGateways() {
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(await startRedis());
  const config = (simulator: Simulator) => `
${buildAppsConfig(simulator)}
store: { kind: redis, redis: { url: "redis://127.0.0.1:${redis.port}" } }
`;
  const here = opened.use(await startRunningGateway({ config }));
  const file = join(here.directory, "other.yml");
  await writeFile(file, LISTENERS_CONFIG + config(here.simulator));
  const other = opened.use(startCli(["serve", "--config", file]));
  const [, plain = ""] = await other.waitFor(/"listen":"(http:[^"]+)"/);
  await callApi(here, "PUT", "/v1/subscribers/alice@example.org/devices/pixel", {
    provider: "fcm",
    token: ANDROID_TOKEN,
  });
  const started = opened.move();
  return { here, there: { plain, process: other }, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

it("a call that is waited for at one gateway is found by the phone that registers at another", async () => {
  await using gateways = await startTwoGateways();
  const { here, there } = gateways;
  const ring = async (callId: string) => {
    const response = await fetch(`${here.plain}/v1/calls`, {
      method: "POST",
      headers: { "content-type": "application/json", prefer: "wait=30" },
      body: JSON.stringify({ call_id: callId, callee: "alice@example.org" }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const sent = () => here.simulator.mailbox.deliveries();

  const waiting = ring("registered-elsewhere");
  await vi.waitFor(() => expect(sent()).toHaveLength(1), WAIT);
  const registered = await callApi(there, "POST", "/v1/registrations", {
    aor: "alice@example.org",
    contact: `<sip:alice@192.0.2.7;pn-provider=fcm;pn-param=p;pn-prid=${ANDROID_TOKEN.replaceAll(":", "%3A")}>`,
  });
  const verdict = await waiting;

  expect(registered.body).toMatchObject({ calls: ["registered-elsewhere"] });
  expect(verdict).toMatchObject({
    status: 200,
    body: { verdict: "registered", device: "pixel", contact: "sip:alice@192.0.2.7" },
  });

  const another = ring("cancelled-elsewhere");
  await vi.waitFor(() => expect(sent()).toHaveLength(2), WAIT);
  await callApi(there, "POST", "/v1/calls/cancelled-elsewhere/events", { event: "cancel" });

  expect((await another).body).toMatchObject({ verdict: "cancelled" });
  expect((await callApi(there, "GET", "/v1/calls/registered-elsewhere")).body).toMatchObject({
    calls: [{ state: "registered" }],
  });
});

it("a gateway that stops sends those who wait to another one, and the call goes on", async () => {
  await using gateways = await startTwoGateways();
  const { here, there } = gateways;

  const waiting = fetch(`${there.plain}/v1/calls`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=30" },
    body: JSON.stringify({ call_id: "handed-over", callee: "alice@example.org" }),
  });
  await vi.waitFor(() => expect(here.simulator.mailbox.deliveries()).toHaveLength(1), WAIT);
  there.process.child.kill("SIGTERM");
  const refused = await waiting;

  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refused.json()).toMatchObject({ code: "shutting_down" });
  expect((await there.process.end).code).toBe(0);
  expect((await callApi(here, "GET", "/v1/calls/handed-over")).body).toMatchObject({ calls: [{ state: "ringing" }] });
});
