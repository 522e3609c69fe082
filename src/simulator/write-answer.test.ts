import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startSimulator, type Simulator } from "./simulator.ts";
import { IPHONE, openApnsClient, type ApnsClient } from "../../test/fixtures/simulator/apns-client.ts";
import { failureOf } from "../../test/fixtures/simulator/http2-client.ts";

let simulator: Simulator;
let client: ApnsClient;

beforeAll(async () => {
  simulator = await startSimulator();
  client = await openApnsClient(simulator, { identity: simulator.credentials.apnsCertificate });
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

beforeEach(() => simulator.forget(IPHONE));

it("sends any body instead of its own", async () => {
  simulator.script(IPHONE, { reason: "BadTopic", body: '{"reason":', times: 1 }, { status: 503, bodyBytes: 100_000 });

  const [junk, huge] = [await client.push(), await client.push()];

  expect(junk).toMatchObject({ status: 400, body: '{"reason":' });
  expect(huge).toMatchObject({ status: 503, body: "x".repeat(100_000) });
});

it.each(["two-parts", "informational", "trailers"] as const)("sends an answer in the shape %s", async (shape) => {
  simulator.script(IPHONE, { reason: "BadTopic", shape });

  expect(await client.push()).toMatchObject({ status: 400, body: '{"reason":"BadTopic"}' });
});

it.each(["no-status", "header-flood"] as const)(
  "sends %s, which a client has to refuse, and goes on with the next stream",
  async (shape) => {
    simulator.script(IPHONE, { shape, times: 1 });

    expect(await failureOf(client.push())).toBeInstanceOf(Error);

    expect((await client.push()).status).toBe(200);
  },
);

it.each(["-1", "99999999999999", "Fri, 31 Dec 1999 23:59:59 GMT", "soon"])(
  "sends Retry-After as it was told: %s",
  async (retryAfter) => {
    simulator.script(IPHONE, { status: 429, retryAfter });

    expect((await client.push()).headers["retry-after"]).toBe(retryAfter);
  },
);

it("resets a stream with any code, and may have delivered before", async () => {
  simulator.mailbox.clear();
  simulator.script(
    IPHONE,
    { transport: "reset-stream", rstCode: 11, times: 1 },
    { transport: "lose-answer", rstCode: 2, times: 1 },
  );

  const failures = [await failureOf(client.push()), await failureOf(client.push())];

  expect(failures).toMatchObject([
    { message: expect.stringContaining("ENHANCE_YOUR_CALM") },
    { message: expect.stringContaining("INTERNAL_ERROR") },
  ]);
  expect(simulator.mailbox.attempts().map(({ fate }) => fate)).toEqual(["lost", "delivered"]);
});

it("misbehaves to one request in so many", async () => {
  simulator.script(IPHONE, { status: 503, oneIn: 2 });

  const answers = [await client.push(), await client.push(), await client.push(), await client.push()];

  expect(answers.map(({ status }) => status)).toEqual([503, 200, 503, 200]);
});
