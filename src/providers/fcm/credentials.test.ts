import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { OAUTH_TOKEN } from "../../simulator/behaviour.ts";
import { createSimulatorPki } from "../../simulator/certificates.ts";
import { startSimulator, type Simulator } from "../../simulator/simulator.ts";
import { BadServiceAccountError, createFetchToken, readFetchFailure, type FetchToken } from "./credentials.ts";

const MINUTE_MS = 60_000;

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
    const failure = await openFetch(changes)(soon()).catch(readFetchFailure);

    expect(failure).toBeInstanceOf(BadServiceAccountError);
  });

  it("does not blame the account while Google cannot be reached", async () => {
    const failure = await openFetch({ url: "https://127.0.0.1:9/token" })(soon()).catch(readFetchFailure);

    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(BadServiceAccountError);
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
