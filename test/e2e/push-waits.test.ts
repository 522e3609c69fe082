import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pushIdOf } from "../faults/providers/account.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const DEVICES = "/v1/subscribers/alice@example.org/devices";

let running: RunningGateway;
beforeEach(async () => {
  running = await startRunningGateway();
  await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  await callApi(running, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
});
afterEach(() => running[Symbol.asyncDispose]());

async function post(seconds: number, body: object = {}, signal?: AbortSignal) {
  const response = await fetch(`${running.plain}/v1/pushes`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: `wait=${seconds}` },
    body: JSON.stringify({ callee: "alice@example.org", kind: "message", ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
  const { status, headers } = response;
  return {
    status,
    applied: headers.get("preference-applied"),
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe("a push whose sender waits", () => {
  it("is answered when all phones have it, with what became of each", async () => {
    expect(await post(30)).toMatchObject({
      status: 200,
      applied: "wait=30",
      body: {
        status: "accepted",
        state: "delivered",
        deliveries: [
          { device: "iphone", state: "delivered", attempts: 1 },
          { device: "pixel", state: "delivered", attempts: 1 },
        ],
      },
    });
  });

  it("is answered as soon as all tokens are known to be dead", async () => {
    running.simulator.script(IPHONE_TOKENS.remote, { status: 410, reason: "Unregistered" });
    running.simulator.script(ANDROID_TOKEN, { reason: "UNREGISTERED" });

    expect((await post(30)).body).toMatchObject({
      state: "failed",
      deliveries: [{ reason: "Unregistered" }, { reason: "UNREGISTERED" }],
    });
  });

  it("is answered as it stands when the time is over", async () => {
    running.simulator.script(ANDROID_TOKEN, { transport: "silent" });

    expect((await post(1)).body).toMatchObject({
      state: "pending",
      deliveries: [
        { device: "iphone", state: "delivered" },
        { device: "pixel", state: "pending" },
      ],
    });
  });

  it("is answered when it is withdrawn", async () => {
    running.simulator.script(ANDROID_TOKEN, { transport: "silent" });
    const answer = post(60, { push_id: "one" });
    const attempt = await running.simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN);

    await callApi(running, "DELETE", `/v1/pushes/${pushIdOf(attempt)}`);

    // The iPhone has it, so the push is a success.
    expect((await answer).body).toMatchObject({ state: "delivered", deliveries: [{}, { state: "cancelled" }] });
  });

  it("is answered at once where nothing is to be sent, or it was answered before", async () => {
    await callApi(running, "PATCH", "/v1/subscribers/alice@example.org/preferences", { mobile_push_enable: "never" });
    expect((await post(60)).body).toMatchObject({ status: "suppressed", code: "push_disabled" });

    await callApi(running, "PATCH", "/v1/subscribers/alice@example.org/preferences", { mobile_push_enable: "always" });
    await post(60, { push_id: "one" });
    expect((await post(60, { push_id: "one" })).body).toMatchObject({ status: "repeat", state: "delivered" });
  });

  it("is told that the gateway stops, and is delivered all the same", async () => {
    running.simulator.script(ANDROID_TOKEN, { delayMs: 1_000 });
    const answer = post(60);
    await running.simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN);

    await running.gateway[Symbol.asyncDispose]();

    expect(await answer).toMatchObject({ status: 503, body: { code: "shutting_down" } });
    expect(running.simulator.mailbox.deliveries().map(({ token }) => token)).toContain(ANDROID_TOKEN);
  });

  it("goes on where its sender has left", async () => {
    running.simulator.script(ANDROID_TOKEN, { delayMs: 300 });
    const leave = new AbortController();
    const answer = post(60, {}, leave.signal).catch((error: Error) => error.name);
    await running.simulator.mailbox.waitForAttempt(({ token }) => token === IPHONE_TOKENS.remote);

    leave.abort();

    expect(await answer).toBe("AbortError");
    await vi.waitFor(() => expect(running.simulator.mailbox.deliveries()).toHaveLength(2), { timeout: 5_000 });
  });
});
