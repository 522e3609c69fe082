import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

let running: RunningGateway;

const start = (foldCase: boolean) =>
  startRunningGateway({
    config: (simulator) => `subscribers: { fold_case: ${foldCase ? "yes" : "no"} }\n${buildAppsConfig(simulator)}`,
  });
beforeEach(async () => {
  running = await start(true);
});
afterEach(() => running[Symbol.asyncDispose]());

const register = () =>
  callApi(running, "POST", "/v1/registrations", {
    aor: "sip:Alice@example.org",
    contact: `<sip:Alice@192.0.2.1;pn-provider=fcm;pn-prid=${encodeURIComponent(ANDROID_TOKEN)}>`,
  });
const push = (callee: string) =>
  fetch(`${running.plain}/push`, {
    method: "POST",
    body: new URLSearchParams({ callee, domain: "example.org", data_type: "message", data_message: callee }),
  });

it("finds by XMPP, by the API and by a call who has registered by SIP with a capital", async () => {
  await register();

  expect((await push("alice")).status).toBe(200);
  expect((await push("ALICE")).status).toBe(200);
  const ring = await callApi(running, "POST", "/v1/calls", { call_id: "c1", callee: "aLice@example.org" });
  const devices = await callApi(running, "GET", "/v1/subscribers/ALICE@example.org/devices");
  const told = await callApi(running, "POST", "/v1/calls/c1/events", { event: "missed", callee: "Alice@example.org" });
  const calls = await callApi(running, "GET", "/v1/subscribers/Alice@example.org/calls");

  expect(ring.status).toBe(202);
  expect(devices.body["devices"]).toHaveLength(1);
  expect(told.status).toBe(200);
  expect(calls.body["calls"]).toHaveLength(1);
  await vi.waitFor(() => expect(running.simulator.mailbox.deliveries().length).toBeGreaterThanOrEqual(3), {
    timeout: 10_000,
  });
});

it("has preferences for the name in either case", async () => {
  await callApi(running, "PATCH", "/v1/subscribers/Alice@example.org/preferences", { mobile_push_expiry: 60 });

  expect(await callApi(running, "GET", "/v1/subscribers/alice@example.org/preferences")).toMatchObject({
    body: { own: { mobile_push_expiry: 60 } },
  });
});

it("is off unless it is asked for", async () => {
  await running[Symbol.asyncDispose]();
  running = await start(false);
  await register();

  const ring = (callee: string) => callApi(running, "POST", "/v1/calls", { call_id: callee, callee });

  expect((await ring("alice@example.org")).status).toBe(404);
  expect((await ring("Alice@example.org")).status).toBe(202);
});
