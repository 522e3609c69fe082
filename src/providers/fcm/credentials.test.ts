import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../../../test/support/manual-clock.ts";
import { OAUTH_TOKEN } from "../../simulator/behaviour.ts";
import { createSimulatorPki } from "../../simulator/certificates.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { AccessToken, BadServiceAccountError, createFetchToken, type FetchToken } from "./credentials.ts";

const MINUTE_MS = 60_000;
const LIFE_MS = 60 * MINUTE_MS;

describe("the access token", () => {
  let clock: ManualClock;
  let fetches: number;
  let answer: FetchToken;
  let token: AccessToken;

  const succeed: FetchToken = async () => ({ value: `token ${fetches}`, lifeMs: LIFE_MS });
  const fail: FetchToken = () => Promise.reject(new Error("503"));
  const refuse: FetchToken = () => Promise.reject(new Error("invalid_grant: Invalid JWT Signature."));
  const hang: FetchToken = (signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  beforeEach(() => {
    clock = createManualClock();
    fetches = 0;
    answer = succeed;
    const fetchToken: FetchToken = (signal) => {
      fetches += 1;
      return answer(signal);
    };
    token = new AccessToken(fetchToken, clock, 50);
  });

  it("is fetched once for all who ask", async () => {
    const values = await Promise.all([token.read(), token.read(), token.read()]);

    expect(values).toEqual(["token 1", "token 1", "token 1"]);
  });

  it("is renewed in the background from half its life on", async () => {
    await token.read();
    clock.advance(LIFE_MS / 2);

    expect(await token.read()).toBe("token 1");

    expect(await token.read()).toBe("token 2");
  });

  it("is used to its end while it cannot be renewed, and not a moment longer", async () => {
    await token.read();
    answer = fail;
    clock.advance(LIFE_MS - 1);
    expect(await token.read()).toBe("token 1");

    clock.advance(1);

    await expect(token.read()).rejects.toThrow("503");
  });

  it("is asked for again only after a while when its renewal has failed", async () => {
    await token.read();
    answer = fail;
    clock.advance(LIFE_MS / 2);
    for (let push = 0; push < 20; push += 1) {
      token.confirm(await token.read());
      await Promise.resolve();
    }
    expect(fetches).toBe(2);

    clock.advance(5_000);
    await token.read();

    expect(fetches).toBe(3);
  });

  it("is not asked for by every push while there is none to be had", async () => {
    answer = fail;
    for (let push = 0; push < 20; push += 1) await expect(token.read()).rejects.toThrow("503");
    expect(fetches).toBe(1);
    answer = succeed;

    clock.advance(500);

    expect(await token.read()).toBe("token 2");
  });

  it("tells that waiting does not help when Google refuses the account", async () => {
    answer = refuse;

    for (let push = 0; push < 2; push += 1) await expect(token.read()).rejects.toBeInstanceOf(BadServiceAccountError);

    expect(fetches).toBe(1);
  });

  it("is fetched anew at once when Google refuses one that has worked", async () => {
    token.confirm(await token.read());

    token.expire("token 1");

    expect(await token.read()).toBe("token 2");
  });

  it("is not thrown away because of an answer to an older one", async () => {
    token.confirm(await token.read());
    token.expire("token 1");
    await token.read();

    token.expire("token 1");

    expect(await token.read()).toBe("token 2");
  });

  it("is fetched anew only after a while when Google refuses one that has never worked", async () => {
    token.expire(await token.read());
    await expect(token.read()).rejects.toThrow(/refuses even a new/);

    clock.advance(5_000);

    expect(await token.read()).toBe("token 2");
  });

  it("is asked for again when an answer does not come", async () => {
    answer = hang;
    await expect(token.read()).rejects.toMatchObject({ name: "TimeoutError" });
    answer = succeed;
    clock.advance(500);

    expect(await token.read()).toBe("token 2");
  });

  it("is not waited for when the gateway stops", async () => {
    answer = hang;
    const waiting = token.read();

    token[Symbol.dispose]();

    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("fetching from Google", () => {
  let simulator: Simulator;
  const soon = () => AbortSignal.timeout(5_000);

  beforeAll(async () => {
    simulator = await startSimulator();
  });

  afterEach(() => {
    simulator.forget(OAUTH_TOKEN);
    simulator.mailbox.clear();
  });

  afterAll(() => simulator[Symbol.asyncDispose]());

  function openFetch(
    changes: { clientEmail?: string; privateKey?: string; ca?: string; url?: string } = {},
  ): FetchToken {
    const { project_id: projectId, client_email, private_key } = simulator.credentials.serviceAccount;
    const { clientEmail = client_email, privateKey = private_key } = changes;
    const { ca = simulator.ca, url = simulator.fcm.tokenEndpoint } = changes;
    return createFetchToken({ projectId, clientEmail, privateKey }, { url, ca });
  }

  it("answers a new token each time", async () => {
    const fetchToken = openFetch();

    const [first, second] = [await fetchToken(soon()), await fetchToken(soon())];

    expect(first.value).not.toBe(second.value);
    expect(first.lifeMs).toBeGreaterThan(59 * MINUTE_MS);
    expect(first.lifeMs).toBeLessThanOrEqual(60 * MINUTE_MS);
  });

  it.each([503, 429, 500])("asks once and does not retry by itself when Google says %i", async (status) => {
    simulator.script(OAUTH_TOKEN, { status });

    await expect(openFetch()(soon())).rejects.toBeInstanceOf(Error);

    expect(simulator.mailbox.attempts()).toHaveLength(1);
  });

  it("asks once when the connection breaks", async () => {
    simulator.script(OAUTH_TOKEN, { transport: "drop-connection" });

    await expect(openFetch()(soon())).rejects.toBeInstanceOf(Error);

    expect(simulator.mailbox.attempts()).toHaveLength(1);
  });

  it("gives up with the signal, and leaves no socket", async () => {
    simulator.script(OAUTH_TOKEN, { transport: "silent" });
    const before = await countSockets();
    const giveUp = new AbortController();
    const fetching = openFetch()(giveUp.signal);
    await simulator.mailbox.waitForAttempt(({ provider }) => provider === "oauth");

    giveUp.abort();

    await expect(fetching).rejects.toBeInstanceOf(Error);
    expect(await countSockets()).toBe(before);
  });

  it("gives its secret to nobody whom it does not trust", async () => {
    await expect(openFetch({ ca: createSimulatorPki().ca })(soon())).rejects.toBeInstanceOf(Error);

    expect(simulator.mailbox.attempts()).toHaveLength(0);
  });

  it.each([
    ["another key", { privateKey: anotherKey() }],
    ["a key that is none", { privateKey: "-----BEGIN PRIVATE KEY-----\njunk\n-----END PRIVATE KEY-----\n" }],
    ["no PEM at all", { privateKey: "junk" }],
    ["an account that does not exist", { clientEmail: "nobody@example.iam.gserviceaccount.com" }],
  ])("finds the account bad that has %s", async (_what, changes) => {
    const token = new AccessToken(openFetch(changes), Date.now);

    await expect(token.read()).rejects.toBeInstanceOf(BadServiceAccountError);
  });

  it("does not blame the account while Google cannot be reached", async () => {
    const token = new AccessToken(openFetch({ url: "https://127.0.0.1:9/token" }), Date.now);

    await expect(token.read()).rejects.not.toBeInstanceOf(BadServiceAccountError);
  });
});

function anotherKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

async function countSockets(): Promise<number> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return process.getActiveResourcesInfo().filter((name) => /^T(?:CPSocket|LS)/.test(name)).length;
}
