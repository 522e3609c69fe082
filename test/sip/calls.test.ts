import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildTraceCommand } from "../../src/cli/trace.ts";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { runCli } from "../fixtures/cli-run.ts";
import { callApi } from "../fixtures/gateway-processes.ts";
import { sendInvites } from "./invite.ts";
import { openSipStage, PHONES, type SipStage } from "./stage.ts";

const WAIT = { timeout: 15_000, interval: 50 };
const CALL_ID = "sip-test@127.0.0.1";

let stage: SipStage;

beforeEach(async () => {
  stage = await openSipStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const isVoip = ({ headers }: Attempt) => headers["apns-push-type"] === "voip";
const isEnd = ({ payload }: Attempt) => JSON.stringify(payload).includes("call_end");

/** Returns the gateway's record of the call. */
async function traced(id = CALL_ID) {
  const { body } = await callApi(stage.running, "GET", `/v1/calls/${encodeURIComponent(id)}`);
  const [call] = (body["calls"] ?? []) as Record<string, unknown>[];
  return call;
}

/** Waits until `sip-pushd trace` of the call has all the parts. */
async function expectStory(...parts: readonly RegExp[]): Promise<string> {
  return vi.waitFor(async () => {
    const { stdout } = await runCli(buildTraceCommand, [CALL_ID], { SIP_PUSHD_URL: stage.running.plain });
    for (const part of parts) expect(stdout).toMatch(part);
    return stdout;
  }, WAIT);
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
    await expectStory(
      /^Call sip-test@127\.0\.0\.1: \+4315551234 calls alice@example\.org$/m,
      /\+0\.000 s {2}Asked for through the HTTP API\. Worth a push for 10 s/,
      /iphone: Apple took the push after [\d.]+ m?s\.$/m,
      /iphone registered at sip:alice@127\.0\.0\.1:\d+\.$/m,
      /The call was answered by iphone\.$/m,
      /^The call was answered by iphone after .+; iphone had registered after .+ m?s\.$/m,
    );
  });

  it("wakes one that names its server with a port and a transport in To, and is answered", async () => {
    const phone = await stage.putToSleep("pixel", {
      scenario: "phone-answers",
      wakesAfterMs: 300,
      registers: "register-with-port",
    });

    const caller = await stage.call("caller", CALL_ID);
    await caller.done;
    await phone.done;

    await vi.waitFor(async () => {
      expect(await traced()).toMatchObject({
        state: "answered",
        registrations: [{ device: "pixel", provider: "fcm" }],
      });
    }, WAIT);
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
    await expectStory(
      /The caller hung up\.$/m,
      /iphone was told that the call was cancelled: Apple took the push after\s+[\d.]+\s+m?s\.$/m,
      /^The caller hung up after .+ m?s: no phone had registered by then\.$/m,
      /^iphone was not there in time: /m,
    );
  });

  it("ends with 480 where nobody registers in time", async () => {
    await stage.switchOff("iphone");

    const caller = await stage.call("caller-480", CALL_ID);
    await caller.done;

    expect(stage.pushes().filter(isVoip)).toHaveLength(1);
    await vi.waitFor(async () => expect(await traced()).toMatchObject({ state: "missed", registrations: [] }), WAIT);
    await expectStory(
      /iphone: Apple took the push after [\d.]+ m?s\.$/m,
      /The platform gave the call up: nobody had answered\.$/m,
      /iphone was told that the call was missed: Apple took the push/,
      /^No phone registered in the .+ m?s until the call was given up\.$/m,
      /^iphone was not there in time: /m,
      /What to do: /,
    );
  });

  it("ends with 480 at once where Apple says that the token is dead", async () => {
    await stage.switchOff("iphone");
    stage.running.simulator.script(IPHONE_TOKENS.voip, { status: 410, reason: "Unregistered" });
    const startedAt = performance.now();

    const final = await sendInvites({ to: stage.proxy.port, callId: CALL_ID, times: 1 });
    const tookMs = performance.now() - startedAt;

    // This text, not that of a parked call for which no phone came.
    expect(final).toMatch(/^SIP\/2\.0 480 No Phone To Wake/);
    expect(await traced()).toMatchObject({ state: "unreachable", reason: "Unregistered" });
    console.log(`480 after ${Math.round(tookMs)} ms`);
    await expectStory(
      /iphone: Apple answered Unregistered after [\d.]+ m?s\. Apple says that/,
      /The call was given up, as no phone could be woken \(Unregistered\)\.$/m,
      /^No phone could be woken: the call was given up after [\d.]+ m?s\.$/m,
      /^iphone was not reached: Unregistered$/m,
      /What to do: +Open the app on the phone and sign in again/,
    );
  });

  it("is one push, however often its INVITE is sent", async () => {
    await stage.switchOff("iphone");

    const final = await sendInvites({ to: stage.proxy.port, callId: CALL_ID, times: 4 });

    expect(final).toMatch(/^SIP\/2\.0 480 /);
    expect(stage.pushes().filter(isVoip)).toHaveLength(1);
    const story = await expectStory(/^No phone registered in the .+ m?s until the call was given up\.$/m);
    expect(story.match(/iphone: Apple took the push/g)).toHaveLength(1);
    expect(story.match(/Asked for/g)).toHaveLength(1);
  });
});

describe("a call to phones that have registered before", () => {
  it.each(["phone-answers", "phone-answers-gruu"] as const)(
    "tells the one that rings in vain, and nothing to the one that answers (%s)",
    async (scenario) => {
      const other = await stage.keepAwake("pixel", "phone-rings-in-vain");
      const phone = await stage.keepAwake("iphone", scenario);

      const caller = await stage.call("caller", CALL_ID);
      await Promise.all([caller.done, other.done, phone.done]);

      const answered = { state: "answered", ended_by: PHONES.iphone.instance };
      await vi.waitFor(async () => expect(await traced()).toMatchObject(answered), WAIT);
      await vi.waitFor(() => expect(stage.pushes().filter(isEnd)).toHaveLength(1), WAIT);
      expect(stage.pushes().filter(isEnd)).toMatchObject([
        { token: ANDROID_TOKEN, payload: { message: { data: { event: "answered_elsewhere" } } } },
      ]);
      await expectStory(/was told that the call was answered\s+elsewhere: Google took the push/);
    },
  );

  it("is missed where the phone is busy", async () => {
    const phone = await stage.keepAwake("iphone", "phone-is-busy");

    const caller = await stage.call("caller-486", CALL_ID);
    await Promise.all([caller.done, phone.done]);

    await vi.waitFor(async () => expect(await traced()).toMatchObject({ state: "missed" }), WAIT);
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
    await expectStory(
      /To pixel\s+\(Google\), iphone\s+\(Apple\)\.$/m,
      /pixel registered at sip:/,
      /iphone registered at sip:/,
      /The call was answered by iphone\.$/m,
      /pixel was told that the call was answered elsewhere: Google took the push after\s+[\d.]+\s+m?s\.$/m,
      /^The call was answered by iphone after .+; iphone had registered after .+ m?s\.$/m,
    );
  });
});
