import { afterAll, beforeAll, expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const DEVICES = "/v1/subscribers/alice@example.org/devices";
const DATA = { from: "reception", "google.x": "1", data_from: "taken", kept: "yes" };
const SENT = { data_data_from: "reception", "data_google.x": "1", data_from: "taken", kept: "yes" };

let running: RunningGateway;
beforeAll(async () => {
  running = await startRunningGateway({
    config: (simulator) => `limits: {loop_delay_ms: 0}\n${buildAppsConfig(simulator)}`,
  });
  await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  await callApi(running, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
});
afterAll(() => running[Symbol.asyncDispose]());

it.each([
  ["/v1/pushes", { callee: "alice@example.org", kind: "message", title: "Bob", data: DATA }],
  ["/v1/pushes", { callee: "alice@example.org", call_id: "renamed-1", data: DATA }],
  ["/v1/calls", { callee: "alice@example.org", call_id: "renamed-2", data: DATA }],
])("data that Google reserves comes under other names, with a warning, at %s: %j", async (path, body) => {
  const before = running.simulator.mailbox.deliveries().length;

  const { status, body: answer } = await callApi(running, "POST", path, body);

  expect(status).toBe(202);
  expect(JSON.stringify(answer["warnings"])).toContain("from");
  expect(JSON.stringify(answer["warnings"])).toContain("google.x");
  const arrived = () => running.simulator.mailbox.deliveries().slice(before);
  await expect.poll(() => arrived().length, { timeout: 10_000 }).toBe(2);
  for (const { payload } of arrived()) {
    const text = JSON.stringify(payload);
    for (const [name, value] of Object.entries(SENT)) expect(text).toContain(`${JSON.stringify(name)}:"${value}"`);
    expect(text).not.toMatch(/"(?:from|google\.x)":/);
  }
});
