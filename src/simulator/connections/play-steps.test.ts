import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { IPHONE, openApnsClient, type ApnsClient } from "../../../test/fixtures/simulator/apns-client.ts";
import { failureOf } from "../../../test/fixtures/simulator/http2-client.ts";
import { startSimulator, type Simulator } from "../simulator.ts";
import type { ConnectionScript } from "./connection-script.ts";

const APNS = "apns-production";
const REFUSED_STREAM = expect.stringContaining("REFUSED_STREAM") as string;

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(() => simulator[Symbol.asyncDispose]());

beforeEach(() => {
  simulator.forget(IPHONE);
  simulator.forgetConnections(APNS);
  simulator.mailbox.clear();
});

/** With a certificate, a thousand streams are allowed from the beginning. */
const openClient = () => openApnsClient(simulator, { identity: simulator.credentials.apnsCertificate });
const script = (parts: Partial<ConnectionScript>) =>
  simulator.scriptConnections(APNS, { on: "next", steps: [], ...parts });
const newest = () => simulator.connections(APNS).at(-1)!;

function collectGoAways({ session }: ApnsClient): { code: number; last: number; text: string }[] {
  const seen: { code: number; last: number; text: string }[] = [];
  session.on("goaway", (code, last, data) => {
    seen.push({ code, last, text: data === undefined ? "" : Buffer.from(data).toString() });
  });
  return seen;
}

describe("a GOAWAY", () => {
  it("comes once, with the newest stream that has arrived, and the connection closes when that one is answered", async () => {
    script({ steps: [{ afterRequests: 3, do: "goaway", reason: "Shutdown" }] });
    simulator.script(IPHONE, { delayMs: 20 });
    await using client = await openClient();
    const goAways = collectGoAways(client);
    const closed = once(client.session, "close");

    const answers = await Promise.all([client.push(), client.push(), client.push()]);
    await closed;

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(goAways).toEqual([{ code: 0, last: 5, text: '{"reason":"Shutdown"}' }]);
    expect(newest()).toMatchObject({ requests: 3, goAways: [{ code: 0, lastStreamId: 5 }] });
    await vi.waitFor(() => expect(newest().open).toBe(false));
  });

  it("disowns what came later: neither worked on nor answered", async () => {
    script({ steps: [{ afterRequests: 2, do: "goaway", last: "served" }] });
    await using client = await openClient();
    await client.push();

    const [second, third] = await Promise.all([failureOf(client.push()), failureOf(client.push())]);

    expect([second, third]).toMatchObject([{ message: REFUSED_STREAM }, { message: REFUSED_STREAM }]);
    expect(simulator.mailbox.attempts()).toHaveLength(1);
  });

  it("can come in two steps, between which requests are still served", async () => {
    script({
      steps: [
        { afterRequests: 1, do: "goaway", last: "all", debugData: "max_age" },
        { afterRequests: 1, do: "goaway", debugData: "max_age" },
      ],
    });
    simulator.script(IPHONE, { delayMs: 10 });
    await using client = await openClient();
    const goAways = collectGoAways(client);

    const answers = await Promise.all([client.push(), client.push()]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await vi.waitFor(() => expect(newest().open).toBe(false));
    expect(goAways).toEqual([
      { code: 0, last: 2 ** 31 - 1, text: "max_age" },
      { code: 0, last: 3, text: "max_age" },
    ]);
  });

  it("with an error ends the connection, whatever is under way", async () => {
    script({ steps: [{ afterRequests: 2, do: "goaway", code: 11, reason: "TooManyErrors" }] });
    simulator.script(IPHONE, { delayMs: 1_000 });
    await using client = await openClient();
    const goAways = collectGoAways(client);

    const failures = await Promise.all([failureOf(client.push()), failureOf(client.push())]);

    expect(failures).toMatchObject([{ code: "ERR_HTTP2_SESSION_ERROR" }, { code: "ERR_HTTP2_SESSION_ERROR" }]);
    expect(goAways).toEqual([{ code: 11, last: 3, text: '{"reason":"TooManyErrors"}' }]);
    await vi.waitFor(() => expect(newest().open).toBe(false));
  });

  it("does not come by itself when the client closes", async () => {
    await using client = await openClient();
    const goAways = collectGoAways(client);
    await client.push();

    client.session.close();
    await once(client.session, "close");

    expect(goAways).toEqual([]);
  });
});

describe("streams", () => {
  it("can be announced as few, and changed again and again", async () => {
    script({
      streams: 1,
      steps: [
        { afterRequests: 1, do: "settings", streams: 1_000 },
        { afterRequests: 1, do: "settings", streams: 1 },
      ],
    });
    await using client = await openClient();
    const allowed = () => client.session.remoteSettings.maxConcurrentStreams;

    const atFirst = allowed();
    await client.push();
    await vi.waitFor(() => expect(allowed()).toBe(1_000));
    await client.push();
    await vi.waitFor(() => expect(allowed()).toBe(1));

    expect(atFirst).toBe(1);
    expect(newest()).toMatchObject({ requests: 2, refused: 0, peakStreams: 1 });
  });

  it("are refused, and counted, where a client opens more than it may", async () => {
    simulator.script(IPHONE, { delayMs: 50 });
    script({ steps: [{ afterRequests: 1, do: "settings", streams: 1 }] });
    await using client = await openClient();

    const results = await Promise.allSettled([client.push(), client.push(), client.push()]);

    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(newest().refused).toBe(2);
  });

  it("can all be reset with any code", async () => {
    script({ steps: [{ afterRequests: 2, do: "reset-streams", code: 4_242 }] });
    simulator.script(IPHONE, { delayMs: 1_000 });
    await using client = await openClient();

    const failures = await Promise.all([failureOf(client.push()), failureOf(client.push())]);

    expect(failures).toMatchObject([{ message: expect.stringContaining("4242") }, { message: expect.any(String) }]);
    simulator.forget(IPHONE);
    expect((await client.push()).status).toBe(200);
  });
});

describe("the end of a connection", () => {
  it("can be silence for a while: nothing is read, and nothing lost", async () => {
    await using client = await openClient();
    script({ on: "open", steps: [{ do: "silence", forMs: 60 }] });
    const startedAt = performance.now();

    const answer = await client.push();

    expect(answer.status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(50);
    expect(newest().open).toBe(true);
  });

  it("can be silence for ever, in which not even a PING is answered", async () => {
    await using client = await openClient();
    script({ on: "open", steps: [{ do: "silence" }] });
    let pongs = 0;

    client.session.ping(() => (pongs += 1));
    const unanswered = failureOf(client.push());
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect([pongs, newest().requests, newest().open]).toEqual([0, 0, true]);
    client.session.destroy();
    await unanswered;
  });

  it("begins in the midst of requests that came together: those behind are not read", async () => {
    script({ steps: [{ afterRequests: 1, do: "silence" }] });
    await using client = await openClient();

    const unanswered = [client.push(), client.push(), client.push()].map((push) => failureOf(push));
    await simulator.mailbox.waitForAttempt(() => true);
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(newest().requests).toBe(1);
    expect(simulator.mailbox.attempts()).toHaveLength(1);
    client.session.destroy();
    await Promise.all(unanswered);
  });

  it.each(["end", "drop", "reset"] as const)("can be told to %s", async (action) => {
    script({ steps: [{ afterRequests: 1, do: action }] });
    simulator.script(IPHONE, { delayMs: 100 });
    await using client = await openClient();
    const errors: unknown[] = [];
    client.session.on("error", (error) => errors.push(error));

    expect(await failureOf(client.push())).toBeInstanceOf(Error);

    await vi.waitFor(() => expect(newest().open).toBe(false));
    expect(errors).toMatchObject(action === "reset" ? [{ code: "ECONNRESET" }] : []);
  });

  it("comes after as many refusals as were told", async () => {
    script({ steps: [{ afterErrors: 2, do: "end" }] });
    simulator.script(IPHONE, { reason: "Unregistered", times: 1 }, { reason: "BadDeviceToken" });
    await using client = await openClient();
    await client.push();
    await client.push();
    expect(newest().open).toBe(true);

    await client.push();

    await vi.waitFor(() => expect(newest().open).toBe(false));
  });
});

it("is done to as many connections as were told, and to those that are meant", async () => {
  await using before = await openClient();
  script({ times: 1, steps: [{ afterRequests: 1, do: "drop" }] });
  await using first = await openClient();
  await using second = await openClient();
  simulator.script(IPHONE, { delayMs: 20 });

  const results = await Promise.all([before, first, second].map((client) => failureOf(client.push())));

  expect(results.map((result) => result instanceof Error)).toEqual([false, true, false]);
});
