import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "./simulator.ts";
import { IPHONE, openApnsClient, type ApnsClient } from "../../test/fixtures/simulator/apns-client.ts";
import { failureOf } from "../../test/fixtures/simulator/http2-client.ts";

let simulator: Simulator;
let client: ApnsClient;

beforeAll(async () => {
  simulator = await startSimulator();
  client = await openApnsClient(simulator);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

beforeEach(() => {
  simulator.forget(IPHONE);
  simulator.mailbox.clear();
});

describe("scripts of an APNs token", () => {
  it("answers as told, as often as told, and then as usual", async () => {
    simulator.script(IPHONE, { reason: "TooManyRequests", retryAfterSeconds: 2, times: 1 }, { status: 502, times: 1 });

    const answers = [await client.push(), await client.push(), await client.push()];

    expect(answers.map(({ status }) => status)).toEqual([429, 502, 200]);
    expect(answers[0]?.headers["retry-after"]).toBe("2");
    expect(answers[1]?.headers["content-type"]).toBe("text/html");
  });

  it("says since when a token is dead, in milliseconds, and only with 410", async () => {
    simulator.script(
      IPHONE,
      { reason: "Unregistered", timestamp: 1_700_000_000_123, times: 1 },
      { reason: "BadDeviceToken" },
    );

    const [gone, bad] = [await client.push(), await client.push()];

    expect(gone.status).toBe(410);
    expect(JSON.parse(gone.body)).toEqual({ reason: "Unregistered", timestamp: 1_700_000_000_123 });
    expect(JSON.parse(bad.body)).toEqual({ reason: "BadDeviceToken" });
  });

  it("refuses a stream unprocessed", async () => {
    simulator.script(IPHONE, { transport: "refuse-stream", times: 1 });

    await expect(client.push()).rejects.toThrow("NGHTTP2_REFUSED_STREAM");

    expect(simulator.mailbox.attempts()).toMatchObject([{ fate: "lost", answer: { transport: "refuse-stream" } }]);
    expect((await client.push()).status).toBe(200);
  });

  it("answers and then says goodbye with a reason", async () => {
    await using fresh = await openApnsClient(simulator);
    simulator.script(IPHONE, { transport: "goaway-after-answer", reason: "Shutdown", status: 200 });
    const goaway = once(fresh.session, "goaway");

    const answer = await fresh.push();
    const [code, lastStreamId, debugData] = (await goaway) as [number, number, Buffer];

    expect(answer.status).toBe(200);
    expect([code, lastStreamId]).toEqual([0, 1]);
    expect(JSON.parse(debugData.toString())).toEqual({ reason: "Shutdown" });
  });

  it("says goodbye without having processed the request", async () => {
    await using fresh = await openApnsClient(simulator);
    await fresh.push();
    simulator.script(IPHONE, { transport: "goaway-unprocessed" });
    const goaway = once(fresh.session, "goaway");

    expect(await failureOf(fresh.push())).toBeInstanceOf(Error);

    expect((await goaway).slice(0, 2)).toEqual([0, 1]);
    expect(simulator.mailbox.deliveries()).toHaveLength(1);
  });

  it("says goodbye to the first request of a connection, too, without having processed it", async () => {
    await using fresh = await openApnsClient(simulator);
    simulator.script(IPHONE, { transport: "goaway-unprocessed", times: 1 });

    const refused = await failureOf(fresh.push());

    expect(refused).toMatchObject({ message: expect.stringContaining("REFUSED_STREAM") as string });
    expect(simulator.mailbox.deliveries()).toEqual([]);
  });

  it("never disowns with its goodbye what it has delivered meanwhile", async () => {
    await using fresh = await openApnsClient(simulator);
    const raised = once(fresh.session, "remoteSettings");
    await fresh.push({ token: "b2".repeat(32) });
    await raised;
    simulator.script(IPHONE, { transport: "goaway-unprocessed", delayMs: 50 });
    const goaway = once(fresh.session, "goaway");

    const refused = failureOf(fresh.push());
    const answer = await fresh.push({ token: "b2".repeat(32) });

    expect(answer.status).toBe(200);
    expect((await goaway).slice(0, 2)).toEqual([0, 5]);
    expect(await refused).toMatchObject({ message: expect.stringContaining("REFUSED_STREAM") as string });
  });

  it("says goodbye with an error that ends everything in flight", async () => {
    await using fresh = await openApnsClient(simulator);
    simulator.script(IPHONE, { transport: "goaway-unprocessed", goawayCode: 11, reason: "Shutdown" });
    const goaway = once(fresh.session, "goaway");

    expect(await failureOf(fresh.push())).toMatchObject({ code: "ERR_HTTP2_SESSION_ERROR" });
    expect((await goaway)[0]).toBe(11);
  });

  it("drops the connection", async () => {
    await using fresh = await openApnsClient(simulator);
    simulator.script(IPHONE, { transport: "drop-connection" });

    expect(await failureOf(fresh.push())).toBeInstanceOf(Error);

    expect(simulator.mailbox.deliveries()).toEqual([]);
  });

  it.each([
    ["silent", 0],
    ["lose-answer", 1],
  ] as const)("never answers when told to be %s", async (transport, delivered) => {
    await using fresh = await openApnsClient(simulator);
    simulator.script(IPHONE, { transport });

    const unanswered = failureOf(fresh.push());
    await simulator.mailbox.waitForAttempt(({ token }) => token === IPHONE);
    await fresh[Symbol.asyncDispose]();

    expect(await unanswered).toBeInstanceOf(Error);
    expect(simulator.mailbox.deliveries()).toHaveLength(delivered);
  });

  it("answers late when told to", async () => {
    simulator.script(IPHONE, { delayMs: 60, times: 1 });
    const begin = performance.now();

    await client.push();

    expect(performance.now() - begin).toBeGreaterThanOrEqual(55);
  });
});
