import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { buildTraceCommand } from "../../src/cli/trace.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { runCli } from "../fixtures/cli-run.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const ALICE = "/v1/subscribers/alice@example.org";
const WAIT = { timeout: 10_000 };

let running: RunningGateway;

beforeEach(async () => {
  running = await startRunningGateway({
    config: (simulator) => `calls: { ttl_seconds: 3 }\n${buildAppsConfig(simulator)}`,
  });
});
afterEach(() => running[Symbol.asyncDispose]());

const registerIphone = () =>
  callApi(running, "PUT", `${ALICE}/devices/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
const registerPixel = () =>
  callApi(running, "PUT", `${ALICE}/devices/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
const ring = (callId: string, more: object = {}) =>
  callApi(running, "POST", "/v1/calls", { call_id: callId, callee: "alice@example.org", ...more });
const trace = (ref: string) => runCli(buildTraceCommand, [ref], { SIP_PUSHD_URL: running.plain });

/** Waits until the story, on one line, has all the parts. */
async function expectStory(ref: string, ...parts: readonly RegExp[]): Promise<void> {
  await vi.waitFor(async () => {
    const story = (await trace(ref)).stdout.replaceAll(/\s+/g, " ");
    for (const part of parts) expect(story).toMatch(part);
  }, WAIT);
}

describe("sip-pushd trace, of a call that rang nowhere, says that", () => {
  it("the subscriber had no phone", async () => {
    const { status } = await ring("c-1");

    expect(status).toBe(404);
    await expectStory(
      "c-1",
      /Nothing was sent: no_device\./,
      /No phone rang: nothing was sent\./,
      /What to do: Look with/,
    );
  });

  it("he wanted no pushes then, whatever he wants now", async () => {
    await registerPixel();
    await callApi(running, "PATCH", `${ALICE}/preferences`, { mobile_push_enable: "never" });
    const { body } = await ring("c-1");
    await callApi(running, "PATCH", `${ALICE}/preferences`, { mobile_push_enable: "always" });

    expect(body).toMatchObject({ state: "unreachable" });
    await expectStory("c-1", /push_disabled\. Set for the callee then: mobile_push_enable=never\./);
  });

  it("the app was paused for what other pushes had met, so that nothing was asked of Google", async () => {
    await registerPixel();
    running.simulator.script(ANDROID_TOKEN, { reason: "RATE_LIMIT_EXCEEDED", retryAfterSeconds: 60 });
    await ring("c-1");
    await expectStory("c-1", /pixel: Google answered RATE_LIMIT_EXCEEDED after [\d.]+ m?s\. .* No time was left/);

    await ring("c-2");

    await expectStory(
      "c-2",
      /pixel: kept back \(provider_paused, since other pushes of the app had met RATE_LIMIT_EXCEEDED\)\./,
      /The next turn would have come too late\./,
      /pixel was not reached: RATE_LIMIT_EXCEEDED/,
    );
    expect(running.simulator.mailbox.attempts().filter(({ provider }) => provider === "fcm")).toHaveLength(1);
  });

  it("its end came while an attempt was under way", async () => {
    await registerIphone();
    running.simulator.script(IPHONE_TOKENS.voip, { transport: "silent" });
    await ring("c-1");
    await vi.waitFor(() => expect(running.simulator.mailbox.attempts()).toHaveLength(1), WAIT);

    await callApi(running, "POST", "/v1/calls/c-1/events", { event: "cancel" });

    await expectStory(
      "c-1",
      /iphone: withdrawn before anything was sent, unless an attempt was under way: then the phone may have got it/,
      /iphone was told that the call was cancelled: Apple took the push/,
      /The caller hung up after/,
    );
  });

  it("nobody has asked for it", async () => {
    const { stdout, exitCode } = await trace("alice@example.org");

    expect(stdout).toMatch(/^Nothing is known of alice@example\.org\./);
    expect(exitCode).toBe(1);
  });
});

it("sip-pushd trace finds a subscriber's calls, by his address", async () => {
  await registerPixel();
  await ring("c-1");
  await ring("c-2", { caller: "+4315551234" });

  const { stdout } = await trace("alice@example.org");

  expect(stdout).toMatch(/c-2 +\+4315551234 .*\n.*c-1 +- /);
  expect(stdout).toMatch(/^Call c-2: /m);
});
