import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { anAttempt, PUSH_ID } from "../../../test/fixtures/attempts.ts";
import { aCall, aMessage, anAndroid, ANDROID_TOKEN } from "../../../test/fixtures/builders.ts";
import { startConnectProxy } from "../../../test/fixtures/connect-proxy.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import type { PushProvider } from "../../gateway/push-provider.ts";
import type { PushRequest } from "../../push/push.ts";
import { OAUTH_TOKEN, type Behaviour } from "../../simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { sleep } from "../../gateway/sleep.ts";
import { AccessTokens } from "./access-token.ts";
import { createFcmProvider, type FcmApp } from "./provider.ts";

const MINUTE_MS = 60_000;
const never = new AbortController().signal;
const priority = { call: "high", message: "high", invite: "normal", groupchat: "normal" } as const;

let simulator: Simulator;
let issuedBefore: number;

beforeAll(async () => {
  simulator = await startSimulator();
  issuedBefore = 0;
});

afterEach(() => {
  simulator.forget(ANDROID_TOKEN);
  simulator.forget(OAUTH_TOKEN);
  simulator.mailbox.clear();
  issuedBefore = simulator.accessTokensIssued();
});

afterAll(() => simulator[Symbol.asyncDispose]());

const tokensIssued = () => simulator.accessTokensIssued() - issuedBefore;
const serviceAccount = () => {
  const {
    project_id: projectId,
    client_email: clientEmail,
    private_key: privateKey,
  } = simulator.credentials.serviceAccount;
  return { projectId, clientEmail, privateKey };
};

function openProvider(
  overrides: Partial<FcmApp> = {},
  clock = Date.now,
  tokens = new AccessTokens({ clock, sleep }),
): PushProvider {
  const app = { serviceAccount: serviceAccount(), ...simulator.fcm, ca: simulator.ca, priority };
  return createFcmProvider({ ...app, ...overrides }, { name: "global/fcm", clock, tokens });
}

function anAttemptNow(request: PushRequest = aCall(), id = PUSH_ID, now = Date.now()) {
  return anAttempt(request, anAndroid(), { id, acceptedAt: now, deadline: now + MINUTE_MS });
}

function sendMany(provider: PushProvider, count: number) {
  return Promise.all(Array.from({ length: count }, () => provider.send(anAttemptNow(), never)));
}

const script = (...behaviours: Behaviour[]) => simulator.script(ANDROID_TOKEN, ...behaviours);

describe("through a proxy", () => {
  it("fetches the access token and delivers, both by way of it", async () => {
    await using proxy = await startConnectProxy({ login: "user:password" });
    const login = { user: "user", password: "password" };
    await using provider = openProvider({ proxy: { host: "127.0.0.1", port: proxy.port, login } });

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });

    const { origin, tokenEndpoint } = simulator.fcm;
    const hosts = [tokenEndpoint, origin].map((url) => new URL(url).host);
    expect(proxy.asked.map(({ authority }) => authority)).toEqual(hosts);
  });

  it("says so where the proxy refuses the way to the access token", async () => {
    await using proxy = await startConnectProxy({ refuse: 403 });
    await using provider = openProvider({ proxy: { host: "127.0.0.1", port: proxy.port } });

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ reason: "proxy_refused" });

    expect(tokensIssued()).toBe(0);
  });
});

describe("sending", () => {
  it("delivers a call that wakes the phone, and not after its deadline", async () => {
    await using provider = openProvider();

    const outcome = await provider.send(anAttemptNow(), never);

    const [delivery] = simulator.mailbox.deliveries();
    expect(outcome).toEqual({ kind: "delivered", providerMessageId: delivery?.messageId });
    expect(delivery?.payload).toMatchObject({
      message: {
        token: ANDROID_TOKEN,
        data: { type: "call", caller: "+4315551234", push_id: PUSH_ID },
        android: { priority: "HIGH", ttl: expect.stringMatching(/^(?:59|60)s$/) },
      },
    });
  });

  it("leaves out the names that Google keeps for itself", async () => {
    const data = { from: "bob", message_type: "x", collapse_key: "x", "google.c": "x", gcm: "x", room: "kept" };
    await using provider = openProvider();

    const outcome = await provider.send(anAttemptNow(aMessage({ data })), never);

    expect(outcome.kind).toBe("delivered");
    expect(simulator.mailbox.deliveries()).toMatchObject([{ payload: { message: { data: { room: "kept" } } } }]);
  });

  it.each([
    ["a message", aMessage({ data: longData() })],
    ["a call", aCall({ data: longData(), caller: longText() })],
  ])("takes %s that is far too long, made to fit", async (_what, request) => {
    await using provider = openProvider();

    await expect(provider.send(anAttemptNow(request), never)).resolves.toMatchObject({ kind: "delivered" });
  });

  it.each<Behaviour>([
    { transport: "refuse-stream", times: 2 },
    { transport: "goaway-unprocessed", times: 1 },
    { transport: "goaway-after-answer", times: 1 },
  ])("delivers exactly once after %o", async (behaviour) => {
    await using provider = openProvider();
    await provider.send(anAttemptNow(), never);
    script(behaviour);

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });

    expect(simulator.mailbox.deliveries()).toHaveLength(2);
  });

  it("serves others while Google is silent about one, and leaves the attempt in its time", async () => {
    script({ transport: "silent", times: 1 });
    await using provider = openProvider();

    const silent = provider.send(anAttemptNow(), AbortSignal.timeout(300));
    await simulator.mailbox.waitForAttempt(({ fate }) => fate === "lost");

    await expect(provider.send(anAttemptNow(), never)).resolves.toMatchObject({ kind: "delivered" });
    await expect(silent).resolves.toEqual({ kind: "deferred", reason: "answer_lost" });
  });
});

describe("what Google answers", () => {
  it("rejects a token of another project, and does not call it dead", async () => {
    simulator.setFacts(ANDROID_TOKEN, { projectId: "another" });
    await using provider = openProvider();

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
      kind: "rejected",
      reason: "SENDER_ID_MISMATCH",
      suspect: "token",
    });
  });

  it("calls a project that is not the account's a matter of configuration", async () => {
    await using provider = openProvider({ serviceAccount: { ...serviceAccount(), projectId: "mistyped" } });

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
      kind: "misconfigured",
      reason: "PERMISSION_DENIED",
    });
  });
});

describe("the access token", () => {
  it("is fetched once for a burst", async () => {
    await using provider = openProvider();

    const outcomes = await sendMany(provider, 50);

    for (const outcome of outcomes) expect(outcome.kind).toBe("delivered");
    expect(tokensIssued()).toBe(1);
  });

  it("is fetched anew once when Google has revoked it, and the same attempts succeed", async () => {
    await using provider = openProvider();
    await provider.send(anAttemptNow(), never);
    simulator.revokeAccessTokens();

    const outcomes = await sendMany(provider, 20);

    for (const outcome of outcomes) expect(outcome.kind).toBe("delivered");
    expect(tokensIssued()).toBe(2);
    expect(simulator.mailbox.deliveries()).toHaveLength(21);
  });

  it("is not asked for again and again where Google refuses every one", async () => {
    script({ reason: "UNAUTHENTICATED" });
    await using provider = openProvider();

    for (let push = 0; push < 10; push += 1) {
      await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
        kind: "misconfigured",
        reason: "UNAUTHENTICATED",
      });
    }

    expect(tokensIssued()).toBe(2);
    expect(simulator.mailbox.attempts().filter(({ provider }) => provider === "fcm")).toHaveLength(2);
  });

  it("is not blamed for the project's credentials at Apple", async () => {
    script({ reason: "THIRD_PARTY_AUTH_ERROR" });
    await using provider = openProvider();

    for (let push = 0; push < 2; push += 1) {
      await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
        kind: "misconfigured",
        reason: "THIRD_PARTY_AUTH_ERROR",
        scope: "device",
      });
    }

    expect(tokensIssued()).toBe(1);
  });

  it("serves to its end while Google hands out no other, and is replaced when Google does again", async () => {
    const clock = createManualClock(Date.now());
    await using provider = openProvider({}, clock);
    await provider.send(anAttemptNow(aCall(), PUSH_ID, clock()), never);
    simulator.script(OAUTH_TOKEN, { status: 503 });

    for (const minutes of [31, 10, 18]) {
      clock.advance(minutes * MINUTE_MS);
      const outcome = await provider.send(anAttemptNow(aCall(), PUSH_ID, clock()), never);
      expect(outcome, `${minutes} minutes later`).toMatchObject({ kind: "delivered" });
    }

    clock.advance(MINUTE_MS);
    await expect(provider.send(anAttemptNow(aCall(), PUSH_ID, clock()), never)).resolves.toMatchObject({
      reason: "oauth_unavailable",
    });
    simulator.forget(OAUTH_TOKEN);
    clock.advance(5_000);
    await expect(provider.send(anAttemptNow(aCall(), PUSH_ID, clock()), never)).resolves.toMatchObject({
      kind: "delivered",
    });
  });

  it("does not hold a call longer than its attempt may take", async () => {
    simulator.script(OAUTH_TOKEN, { transport: "silent" });
    await using provider = openProvider();
    const startedAt = performance.now();

    const outcome = await provider.send(anAttemptNow(), AbortSignal.timeout(150));

    expect(outcome).toEqual({ kind: "deferred", reason: "oauth_unavailable" });
    expect(performance.now() - startedAt).toBeLessThan(400);
  });

  it("is not waited for when the gateway stops", async () => {
    simulator.script(OAUTH_TOKEN, { transport: "silent" });
    const tokens = new AccessTokens({ clock: Date.now, sleep });
    await using provider = openProvider({}, Date.now, tokens);
    const sending = provider.send(anAttemptNow(), never);
    await simulator.mailbox.waitForAttempt(({ provider }) => provider === "oauth");

    tokens[Symbol.dispose]();

    await expect(sending).resolves.toEqual({ kind: "deferred", reason: "oauth_unavailable" });
  });

  it("is a matter of configuration where Google refuses the account", async () => {
    await using provider = openProvider({
      serviceAccount: { ...serviceAccount(), clientEmail: "nobody@example.iam.gserviceaccount.com" },
    });

    await expect(provider.send(anAttemptNow(), never)).resolves.toEqual({
      kind: "misconfigured",
      reason: "bad_service_account",
    });
  });
});

function longText(): string {
  return "Grüße 👋🏽 aus der 👨‍👩‍👧‍👦-Küche ".repeat(400);
}

function longData(): Record<string, string> {
  return {
    message: longText(),
    full_message: `<message>${longText()}</message>`,
    sender_name: longText().slice(0, 900),
  };
}
