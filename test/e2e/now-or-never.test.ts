import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const DEVICES = "/v1/subscribers/alice@example.org/devices";
const FID = "dQw4w9WgXcQ_dQw4w9WgXc";

let running: RunningGateway;
beforeEach(async () => {
  running = await startRunningGateway();
});
afterEach(() => running[Symbol.asyncDispose]());

async function send(body: object) {
  const response = await fetch(`${running.plain}/v1/pushes`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=10" },
    body: JSON.stringify({ callee: "alice@example.org", ...body }),
  });
  return (await response.json()) as Record<string, unknown>;
}

describe("a push with ttl_seconds 0", () => {
  beforeEach(async () => {
    await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
    await callApi(running, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
  });

  it.each(["call", "message"])("reaches both phones if it is a %s, and neither provider keeps it", async (kind) => {
    const answer = await send({ kind, ttl_seconds: 0 });

    expect(answer).toMatchObject({ state: "delivered", deliveries: [{ attempts: 1 }, { attempts: 1 }] });
    const [apns, fcm] = ["apns", "fcm"].map((name) =>
      running.simulator.mailbox.deliveries().find(({ provider }) => provider === name),
    );
    expect(apns?.headers["apns-expiration"]).toBe("0");
    expect(fcm?.payload).toMatchObject({ message: { android: { ttl: "0s" } } });
  });

  it("is not tried again by a provider's refusal of the moment", async () => {
    running.simulator.script(IPHONE_TOKENS.remote, { status: 503, reason: "ServiceUnavailable" });
    running.simulator.script(ANDROID_TOKEN, { reason: "UNAVAILABLE" });

    const answer = await send({ kind: "message", ttl_seconds: 0 });

    expect(answer).toMatchObject({
      state: "expired",
      deliveries: [
        { state: "expired", attempts: 1 },
        { state: "expired", attempts: 1 },
      ],
    });
    expect(running.simulator.mailbox.attempts().filter(({ provider }) => provider !== "oauth")).toHaveLength(2);
  });
});

describe("a phone with a Firebase installation id", () => {
  beforeEach(async () => {
    await callApi(running, "PUT", `${DEVICES}/flutter`, { provider: "fcm", fid: FID, os: "ios" });
  });

  it("is called by an alert, and the push says under which kind of token", async () => {
    expect(await send({ kind: "call" })).toMatchObject({ state: "delivered", deliveries: [{ token_kind: "ios_fid" }] });
    expect(running.simulator.mailbox.deliveries().find(({ provider }) => provider === "fcm")?.payload).toMatchObject({
      message: { fid: FID, apns: { payload: { aps: { "interruption-level": "time-sensitive" } } } },
    });
  });

  it("is forgotten when Google says that it is gone", async () => {
    running.simulator.script(FID, { reason: "UNREGISTERED" });

    expect(await send({ kind: "message" })).toMatchObject({ state: "failed" });

    const { body } = await callApi(running, "GET", DEVICES);
    expect(body).toEqual({ devices: [] });
  });
});
