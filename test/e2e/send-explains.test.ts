import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildSendCommand } from "../../src/cli/send.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { OAUTH_TOKEN, type Behaviour } from "../../src/simulator/behaviour.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { runCli, type CliRun } from "../fixtures/cli-run.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const CALLEE = "alice@example.org";
const DEVICES = `/v1/subscribers/${encodeURIComponent(CALLEE)}/devices`;

let running: RunningGateway;

async function registerPhones(gateway: RunningGateway, tokens: object = IPHONE_TOKENS): Promise<void> {
  await callApi(gateway, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens });
  await callApi(gateway, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
}

function send(gateway: RunningGateway, ...args: readonly string[]): Promise<CliRun> {
  return runCli(buildSendCommand, [CALLEE, ...args], { SIP_PUSHD_URL: gateway.plain });
}

/** Checks the three parts of every explanation of a failure. */
function expectExplained(run: CliRun, device: string, reason: string): string {
  expect(run).toMatchObject({ exitCode: 1, stderr: "" });
  const [, explained = ""] = run.stdout.split(new RegExp(`^(?:.*, )?${device}(?:, .*)?: ${reason}$`, "m"));
  expect(explained).toMatch(/^\n {2}\S[^]*?\n {2}Likely cause: \S[^]*?\n {2}What to do: {3}\S/);
  for (const line of run.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  return explained.replaceAll(/\s+/g, " ");
}

describe("a provider that says no", () => {
  // A new gateway for each test, because it throttles pushes after a provider's trouble.
  beforeEach(async () => {
    running = await startRunningGateway();
    await registerPhones(running);
  });

  afterEach(() => running[Symbol.asyncDispose]());

  it.each<[trouble: string, Behaviour, reason: string, says: RegExp, toDo: RegExp]>([
    ["the app is gone", { reason: "Unregistered" }, "Unregistered", /no more pushes/, /sign in again/],
    ["nobody knows the token", { reason: "BadDeviceToken" }, "BadDeviceToken", /does not know/, /register again/],
    ["it is another app's", { reason: "DeviceTokenNotForTopic" }, "DeviceTokenNotForTopic", /another app/, /bundle id/],
    ["the topic is wrong", { reason: "BadTopic" }, "BadTopic", /bundle id/, /apns\.topic/],
    ["the key was revoked", { reason: "InvalidProviderToken" }, "InvalidProviderToken", /signature/, /ec_key_id/],
    ["the clock is wrong", { reason: "ExpiredProviderToken" }, "ExpiredProviderToken", /too old/, /timedatectl/],
    ["the push is too large", { reason: "PayloadTooLarge" }, "PayloadTooLarge", /4096 bytes/, /Send less/],
    ["the request is wrong", { reason: "BadPriority" }, "BadPriority", /priority/, /Report it as a bug/],
    ["there were too many", { reason: "TooManyRequests", retryAfterSeconds: 90 }, "TooManyRequests", /too many/, /log/],
    ["a proxy answers", { status: 404 }, "HTTP 404", /without a word/, /endpoint/],
    ["the word is a new one", { status: 400, reason: "BrandNew" }, "BrandNew", /does not know/, /documentation/],
  ])("Apple: %s", async (_trouble, behaviour, reason, says, toDo) => {
    running.simulator.script(IPHONE_TOKENS.voip, behaviour);

    const run = await send(running, "--ttl", "3");

    const explained = expectExplained(run, "iphone", reason);
    expect(explained).toMatch(says);
    expect(explained.split("What to do:")[1]).toMatch(toDo);
    expect(run.stdout).toMatch(/^ {2}pixel +fcm +delivered +Google took it/m);
  });

  it.each<[trouble: string, Behaviour, reason: string, says: RegExp, toDo: RegExp]>([
    ["the app is gone", { reason: "UNREGISTERED" }, "UNREGISTERED", /no longer there/, /sign in again/],
    ["it is another project's", { reason: "SENDER_ID_MISMATCH" }, "SENDER_ID_MISMATCH", /another Firebase/, /service/],
    ["the role is missing", { reason: "PERMISSION_DENIED" }, "PERMISSION_DENIED", /may not send/, /role/],
    ["the API is off", { reason: "SERVICE_DISABLED" }, "SERVICE_DISABLED", /switched off/, /enable the API/],
    ["the project is unknown", { reason: "NOT_FOUND" }, "NOT_FOUND", /does not find the project/, /project_id/],
    ["there were too many", { reason: "QUOTA_EXCEEDED" }, "QUOTA_EXCEEDED", /one phone/, /who pushes/],
    ["the project's quota is used up", { reason: "RATE_LIMIT_EXCEEDED" }, "RATE_LIMIT_EXCEEDED", /project/, /quota/],
    ["the push is wrong", { reason: "INVALID_ARGUMENT" }, "INVALID_ARGUMENT", /does not take/, /without --data/],
    ["an iPhone is registered here", { reason: "THIRD_PARTY_AUTH_ERROR" }, "THIRD_PARTY_AUTH_ERROR", /Apple/, /apns/],
  ])("Google: %s", async (_trouble, behaviour, reason, says, toDo) => {
    running.simulator.script(ANDROID_TOKEN, behaviour);

    const explained = expectExplained(await send(running, "--ttl", "3"), "pixel", reason);

    expect(explained).toMatch(says);
    expect(explained.split("What to do:")[1]).toMatch(toDo);
  });

  it("that is in trouble itself: how often it was tried, and that the deadline ended it", async () => {
    running.simulator.script(IPHONE_TOKENS.voip, { reason: "ServiceUnavailable" });
    running.simulator.script(ANDROID_TOKEN, { status: 502 });

    const run = await send(running, "--ttl", "1");

    expect(run.stdout).toMatch(/: expired\n/);
    expect(run.stdout).toMatch(/iphone +apns +expired +ServiceUnavailable, \d+ attempts\n/);
    expect(expectExplained(run, "iphone", "ServiceUnavailable")).toMatch(
      /Given up: .* the deadline, 20.*system-status/,
    );
    expect(expectExplained(run, "pixel", "HTTP 502")).toMatch(/error 502/);
  });

  it("that is silent: nobody knows whether the phone rang", async () => {
    running.simulator.script(IPHONE_TOKENS.voip, { transport: "silent" });

    const run = await send(running, "--ttl", "1");

    expect(expectExplained(run, "iphone", "answer_lost")).toMatch(/may have got it or not/);
  });

  it("that is not asked because nothing can be sent to the phone: which one, and why", async () => {
    await registerPhones(running, { voip: IPHONE_TOKENS.voip });

    const run = await send(running, "--message", "Lunch?");

    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(run.stdout).toMatch(/iphone +apns +left out +voip_token_only\n/);
    expect(run.stdout).toMatch(/^iphone: voip_token_only\n {2}The phone has a VoIP token alone/m);
  });

  it("explains a push afterwards as well", async () => {
    running.simulator.script(IPHONE_TOKENS.voip, { reason: "BadTopic" });

    const json = JSON.parse((await send(running, "--json")).stdout);

    expect(json).toMatchObject({
      ok: false,
      push: {
        deliveries: [{ device: "iphone", explanation: { what_to_do: expect.stringMatching(/apns\.topic/) } }, {}],
      },
    });
  });
});

describe("what is wrong on our side", () => {
  const CLOSED = "https://127.0.0.1:9";

  it.each<[trouble: string, config: (text: string, simulator: Simulator) => string, device: string, reason: RegExp]>([
    [
      "Apple cannot be reached",
      (text, { apns }) => text.replace(apns.production, CLOSED),
      "iphone",
      /connection_refused/,
    ],
    [
      "Apple's certificate is from nobody we trust",
      (text) => text.replace("  ca_file: ca.crt\nfcm:", "fcm:"),
      "iphone",
      /tls_untrusted/,
    ],
    [
      "Google's sign-in cannot be reached",
      (text, { fcm }) => text.replace(fcm.tokenEndpoint, `${CLOSED}/token`),
      "pixel",
      /oauth_unavailable/,
    ],
    ["no app is configured for Android", (text) => text.replace(/fcm:[^]*/, ""), "pixel", /no_app_configured/],
  ])("%s", async (_trouble, mistake, device, reason) => {
    const config = (simulator: Simulator) => mistake(buildAppsConfig(simulator), simulator);
    await using gateway = await startRunningGateway({ config });
    await registerPhones(gateway);

    const run = await send(gateway, "--ttl", "1");

    const [found = "nothing"] = reason.exec(run.stdout) ?? [];
    expect(expectExplained(run, device, found)).toMatch(/What to do: \S/);
  });

  it.each([
    ["refuses the service account", OAUTH_TOKEN, { status: 400, reason: "invalid_grant" }, "bad_service_account"],
    ["refuses even a new access token", ANDROID_TOKEN, { reason: "UNAUTHENTICATED" }, "UNAUTHENTICATED"],
  ])("Google %s", async (_trouble, token, behaviour, reason) => {
    await using gateway = await startRunningGateway();
    await registerPhones(gateway);
    gateway.simulator.script(token, behaviour);

    expect(expectExplained(await send(gateway, "--ttl", "1"), "pixel", reason)).toMatch(/make a new key/);
  });
});

describe("nothing to send", () => {
  it.each<[trouble: string, arrange: (gateway: RunningGateway) => Promise<unknown>, reason: string, toDo: RegExp]>([
    ["no phone is registered", () => Promise.resolve(), "no_device", /devices add/],
    [
      "the subscriber wants no pushes",
      async (gateway) => {
        await registerPhones(gateway);
        const path = `/v1/subscribers/${encodeURIComponent(CALLEE)}/preferences`;
        await callApi(gateway, "PATCH", path, { mobile_push_enable: "never" });
      },
      "push_disabled",
      /prefs set/,
    ],
  ])("%s", async (_trouble, arrange, reason, toDo) => {
    await using gateway = await startRunningGateway();
    await arrange(gateway);

    const run = await send(gateway);

    expect(run).toMatchObject({ exitCode: 1, stderr: "" });
    expect(run.stdout.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`^Nothing was sent: ${reason} \\S`));
    expect(run.stdout.split("What to do:")[1]?.replaceAll(/\s+/g, " ")).toMatch(toDo);
  });

  it("the domain is switched off", async () => {
    const config = (simulator: Simulator) =>
      `${buildAppsConfig(simulator)}domains: [{ domain: example.org, enable: no }]\n`;
    await using gateway = await startRunningGateway({ config });

    expect((await send(gateway)).stdout).toMatch(
      /^Nothing was sent: domain_disabled\n[^]*What to do: {3}Set enable: yes/,
    );
  });
});
