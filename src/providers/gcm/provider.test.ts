import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { anAttempt, PUSH_ID } from "../../../test/fixtures/attempts.ts";
import { aCall, aMessage, anAndroid, ANDROID_TOKEN } from "../../../test/fixtures/builders.ts";
import type { PushProvider } from "../../gateway/push-provider.ts";
import type { PushRequest } from "../../push/push.ts";
import type { Behaviour } from "../../simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { createGcmProvider, type GcmApp } from "./provider.ts";

const never = new AbortController().signal;
const priority = { call: "high", message: "normal", invite: "normal", groupchat: "normal" } as const;

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterEach(() => {
  simulator.forget(ANDROID_TOKEN);
  simulator.mailbox.clear();
});

afterAll(() => simulator[Symbol.asyncDispose]());

function openProvider(overrides: Partial<GcmApp> = {}): PushProvider {
  const { gcm, ca, credentials } = simulator;
  const app = { key: credentials.gcmKey, endpoint: gcm.endpoint, ca, priority };
  return createGcmProvider({ ...app, ...overrides }, { name: "global/gcm", clock: Date.now });
}

function anAttemptNow(request: PushRequest = aCall(), registration = ANDROID_TOKEN) {
  return anAttempt(request, anAndroid({ provider: "gcm", tokens: { registration } }), {
    acceptedAt: Date.now(),
    deadline: Date.now() + 60_000,
  });
}

it("delivers with the server key", async () => {
  await using provider = openProvider();

  const outcome = await provider.send(anAttemptNow(), never);

  const [delivery] = simulator.mailbox.deliveries();
  expect(outcome).toEqual({ kind: "delivered", providerMessageId: delivery?.messageId });
  expect(delivery?.payload).toMatchObject({
    to: ANDROID_TOKEN,
    priority: "high",
    data: { type: "call", push_id: PUSH_ID },
  });
});

it("takes a message that is far too long, made to fit", async () => {
  const message = "Grüße 👋🏽 ".repeat(1_000);
  await using provider = openProvider();

  await expect(provider.send(anAttemptNow(aMessage({ data: { message } })), never)).resolves.toMatchObject({
    kind: "delivered",
  });
});

it("calls a wrong key a matter of configuration", async () => {
  await using provider = openProvider({ key: "wrong" });

  await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
    kind: "misconfigured",
    reason: "bad_server_key",
  });
});

it("says that Google has switched the API off, and does not call the token dead", async () => {
  await using retired = await startSimulator({ gcmRetired: true });
  await using provider = openProvider({ endpoint: retired.gcm.endpoint, ca: retired.ca });

  await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
    kind: "misconfigured",
    reason: "gcm_switched_off",
  });
});

it("tells the token that replaces the old one", async () => {
  simulator.setFacts(ANDROID_TOKEN, { canonicalToken: "the:new-token-of-this-phone" });
  await using provider = openProvider();

  await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({
    kind: "delivered",
    replacementToken: "the:new-token-of-this-phone",
  });
});

it.each<[Behaviour, object]>([
  [
    { status: 503, retryAfterSeconds: 3 },
    { kind: "deferred", reason: "HTTP 503", retryAfterMs: 3_000, busy: true },
  ],
  [{ transport: "drop-connection" }, { kind: "deferred", reason: "answer_lost" }],
])("reads %o as %o", async (behaviour, outcome) => {
  simulator.script(ANDROID_TOKEN, behaviour);
  await using provider = openProvider();

  await expect(provider.send(anAttemptNow(), never)).resolves.toEqual(outcome);
});

it("rejects a token that is none, and does not call it dead", async () => {
  await using provider = openProvider();

  await expect(provider.send(anAttemptNow(aCall(), "a1".repeat(32)), never)).resolves.toMatchObject({
    kind: "rejected",
    reason: "InvalidRegistration",
  });
});

it("delivers exactly once although the stream was refused", async () => {
  simulator.script(ANDROID_TOKEN, { transport: "refuse-stream", times: 2 });
  await using provider = openProvider();

  await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });

  expect(simulator.mailbox.deliveries()).toHaveLength(1);
});
