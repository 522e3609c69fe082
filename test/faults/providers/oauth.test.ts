import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { sleep } from "../../../src/gateway/sleep.ts";
import { AccessTokens } from "../../../src/providers/fcm/access-token.ts";
import { createFcmProvider } from "../../../src/providers/fcm/provider.ts";
import { OAUTH_TOKEN, type Behaviour } from "../../../src/simulator/behaviour.ts";
import { startSimulator, type Simulator } from "../../../src/simulator/simulator.ts";
import { anAttempt, PUSH_ID } from "../../fixtures/attempts.ts";
import { aCall, anAndroid } from "../../fixtures/builders.ts";
import { createManualClock } from "../../fixtures/clocks.ts";
import { startTcpProxy, type TcpProxy } from "../tcp-proxy.ts";
import { IN_ORDER, isInTime, readAccount } from "./account.ts";
import { fcmToken, openProviderFixture } from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE_MS = 60_000;

describe("F1: Google's token endpoint", () => {
  let simulator: Simulator;
  let link: TcpProxy;

  beforeAll(async () => {
    simulator = await startSimulator();
    link = await startTcpProxy({ port: Number(new URL(simulator.fcm.tokenEndpoint).port) });
  });

  afterAll(async () => {
    await link[Symbol.asyncDispose]();
    await simulator[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    simulator.forget(OAUTH_TOKEN);
    simulator.mailbox.clear();
    link.set("both", { kind: "pass" });
  });

  const script = (behaviour: Behaviour) => () => simulator.script(OAUTH_TOKEN, behaviour);
  const tokenRequests = () => simulator.mailbox.attempts().filter(({ provider }) => provider === "oauth").length;

  /** The gateway's clock is the test's, and only its access token depends on it. */
  function openProvider() {
    const clock = createManualClock(Date.now());
    const account = simulator.credentials.serviceAccount;
    const serviceAccount = {
      projectId: account.project_id,
      clientEmail: account.client_email,
      privateKey: account.private_key,
    };
    const tokenEndpoint = `https://127.0.0.1:${link.port}/token`;
    const priority = { call: "high", message: "high", invite: "normal", groupchat: "normal" } as const;
    const app = { serviceAccount, origin: simulator.fcm.origin, tokenEndpoint, ca: simulator.ca, priority };
    const tokens = new AccessTokens({ clock, sleep });
    const provider = createFcmProvider(app, { name: "global/fcm", clock, tokens });
    const send = () => {
      const now = clock();
      const attempt = anAttempt(aCall(), anAndroid(), { id: PUSH_ID, acceptedAt: now, deadline: now + MINUTE_MS });
      return provider.send(attempt, AbortSignal.timeout(1_000));
    };
    return {
      clock,
      send,
      sendMany: async (count: number) =>
        new Set((await Promise.all(Array.from({ length: count }, send))).map(({ kind }) => kind)),
      async [Symbol.asyncDispose]() {
        tokens[Symbol.dispose]();
        await provider[Symbol.asyncDispose]();
      },
    };
  }

  it.each<[string, () => void]>([
    ["refuses connections", () => link.set("both", { kind: "reset" })],
    ["is a black hole", () => link.set("both", { kind: "black-hole" })],
    ["never answers", script({ transport: "silent" })],
    ["answers 500", script({ status: 500 })],
    ["answers junk", script({ body: "<html>sign in</html>" })],
    ["answers JSON of another kind", script({ body: '{"token":"none of that"}' })],
  ])(
    "%s: no push suffers while the token lives, and there is one request for the next at a time",
    async (_how, fail) => {
      await using fcm = openProvider();
      await fcm.send();
      simulator.mailbox.clear();
      const openedBefore = link.opened;
      fail();

      fcm.clock.advance(31 * MINUTE_MS);
      const atHalfLife = await fcm.sendMany(50);
      const requests = Math.max(tokenRequests(), link.opened - openedBefore);
      fcm.clock.advance(28 * MINUTE_MS);
      const atItsEnd = await fcm.sendMany(50);

      expect([atHalfLife, atItsEnd]).toEqual([new Set(["delivered"]), new Set(["delivered"])]);
      expect(requests).toBeLessThanOrEqual(1);
    },
  );

  it("answers again: what waited for a token goes out", async () => {
    await using fcm = openProvider();
    await fcm.send();
    simulator.script(OAUTH_TOKEN, { status: 503 });
    fcm.clock.advance(61 * MINUTE_MS);
    expect(await fcm.send()).toMatchObject({ kind: "deferred", reason: "oauth_unavailable" });

    simulator.forget(OAUTH_TOKEN);
    fcm.clock.advance(10_000);

    expect(await fcm.send()).toMatchObject({ kind: "delivered" });
  });
});

it("F1: calls that come while there is no token to be had wait for it, and are delivered in their time", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  simulator.script(OAUTH_TOKEN, { status: 500, times: 1 }, { body: "junk", times: 1 }, { status: 503, times: 1 });

  const ends = await fixture.deliver(50, [alice]);

  expect(isInTime(ends)).toBe(true);
  expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
});

it("F2: a token that Google has revoked is fetched anew once, and no push is lost over it", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  const early = await fixture.deliver(50, [alice]);

  simulator.revokeAccessTokens();
  const late = await fixture.deliver(50, [alice]);

  expect(isInTime([...early, ...late])).toBe(true);
  expect(simulator.accessTokensIssued()).toBe(2);
  expect(readAccount([...early, ...late], simulator)).toEqual(IN_ORDER);
});

it("F2: where Google refuses every token it is not asked for one after the other", async () => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const alice = await fixture.addPhone("fcm", fcmToken(1));
  simulator.script(fcmToken(1), { reason: "UNAUTHENTICATED" });

  const ends = await fixture.deliver(50, [alice], { ttlSeconds: 3 });

  expect(ends.some(({ state }) => state === "delivered")).toBe(false);
  expect(simulator.accessTokensIssued()).toBeLessThanOrEqual(2);
});
