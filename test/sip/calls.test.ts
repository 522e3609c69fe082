import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../support/builders.ts";
import { callApi } from "../support/running-gateway.ts";
import { sendInvites } from "./invite.ts";
import { openSipStage, type SipStage } from "./stage.ts";

const WAIT = { timeout: 15_000, interval: 50 };
const CALL_ID = "sip-test@127.0.0.1";

let stage: SipStage;

beforeEach(async () => {
  stage = await openSipStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const isVoip = ({ headers }: Attempt) => headers["apns-push-type"] === "voip";
const isEnd = ({ payload }: Attempt) => JSON.stringify(payload).includes("call_end");

/** The call as the gateway has it. */
async function traced(id = CALL_ID) {
  const { body } = await callApi(stage.running, "GET", `/v1/calls/${encodeURIComponent(id)}`);
  const [call] = (body["calls"] ?? []) as Record<string, unknown>[];
  return call;
}

describe("a call to a phone that sleeps", () => {
  it("wakes it, and is answered", async () => {
    const phone = await stage.putToSleep("iphone", { scenario: "phone-answers", wakesAfterMs: 300 });

    const caller = await stage.call("caller", CALL_ID);
    await caller.done;
    await phone.done;

    expect(stage.pushes().filter(isVoip)).toHaveLength(1);
    expect(JSON.stringify(stage.pushes()[0]?.payload)).toContain(CALL_ID);
    await vi.waitFor(async () => {
      expect(await traced()).toMatchObject({
        state: "answered",
        ended_by: "iphone",
        registrations: [{ device: "iphone", provider: "apns" }],
      });
    }, WAIT);
    const metrics = await (await fetch(`${stage.running.plain}/metrics`)).text();
    expect(metrics).toContain('sip_pushd_wake_time_seconds_count{provider="apns"} 1');
  });

  it("is cancelled by its caller: the phone is told, but by no VoIP push, and nothing is sent afterwards", async () => {
    await stage.switchOff("iphone");

    const caller = await stage.call("caller-cancels", CALL_ID);
    await caller.done;

    await vi.waitFor(async () => expect(await traced()).toMatchObject({ state: "cancelled" }), WAIT);
    await vi.waitFor(() => expect(stage.pushes()).toHaveLength(2), WAIT);
    const [ring, end] = stage.pushes();
    expect(ring).toMatchObject({ token: IPHONE_TOKENS.voip });
    expect(end).toMatchObject({ token: IPHONE_TOKENS.remote, headers: { "apns-push-type": "background" } });
    const again = await callApi(stage.running, "POST", "/v1/calls", { call_id: CALL_ID, callee: "alice@example.org" });
    expect(again.status).toBe(202);
    expect(stage.pushes()).toHaveLength(2);
  });

  it("ends with 480 where nobody registers in time", async () => {
    await stage.switchOff("iphone");

    const caller = await stage.call("caller-480", CALL_ID);
    await caller.done;

    expect(stage.pushes().filter(isVoip)).toHaveLength(1);
    expect(await traced()).toMatchObject({ state: "ringing", registrations: [] });
  });

  it("ends with 480 at once where Apple says that the token is dead", async () => {
    await stage.switchOff("iphone");
    stage.running.simulator.script(IPHONE_TOKENS.voip, { status: 410, reason: "Unregistered" });
    const startedAt = performance.now();

    const final = await sendInvites({ to: stage.kamailio.port, callId: CALL_ID, times: 1 });
    const tookMs = performance.now() - startedAt;

    // In these words, and not in those of a parked call that nobody came for.
    expect(final).toMatch(/^SIP\/2\.0 480 No Phone To Wake/);
    expect(await traced()).toMatchObject({ state: "unreachable", reason: "Unregistered" });
    console.log(`480 after ${Math.round(tookMs)} ms`);
  });

  it("is one push, however often its INVITE is sent", async () => {
    await stage.switchOff("iphone");

    const final = await sendInvites({ to: stage.kamailio.port, callId: CALL_ID, times: 4 });

    expect(final).toMatch(/^SIP\/2\.0 480 /);
    expect(stage.pushes().filter(isVoip)).toHaveLength(1);
  });
});

describe("a call to two phones that sleep", () => {
  it("rings both, and the first is told that the second was answered", async () => {
    const first = await stage.putToSleep("pixel", { scenario: "phone-rings-in-vain", wakesAfterMs: 100 });
    const second = await stage.putToSleep("iphone", { scenario: "phone-answers", wakesAfterMs: 1_200 });

    const caller = await stage.call("caller", CALL_ID);
    await Promise.all([caller.done, first.done, second.done]);

    await vi.waitFor(() => expect(stage.pushes().filter(isEnd)).toHaveLength(1), WAIT);
    expect(stage.pushes().filter(isEnd)).toMatchObject([
      { token: ANDROID_TOKEN, payload: { message: { data: { event: "answered_elsewhere" } } } },
    ]);
    expect(await traced()).toMatchObject({ state: "answered", ended_by: "iphone" });
  });
});
