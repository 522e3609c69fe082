import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../simulator.ts";
import { ANDROID, openGoogleClient, parseJson } from "../../../test/fixtures/simulator/google-client.ts";
import type { Http2Client } from "../../../test/fixtures/simulator/http2-client.ts";

const TABLET = ANDROID.replace("fZ3kq9", "tAbLeT");

let simulator: Simulator;
let client: Http2Client;

beforeAll(async () => {
  simulator = await startSimulator();
  client = await openGoogleClient(simulator);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

beforeEach(() => {
  simulator.forget(ANDROID);
  simulator.forget(TABLET);
  simulator.mailbox.clear();
});

function sendJson(body: unknown, { path = "/fcm/send", key = simulator.credentials.gcmKey } = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return client.post(path, { authorization: `key=${key}`, "content-type": "application/json" }, text);
}

function sendPlain(fields: Record<string, string>) {
  const authorization = `key=${simulator.credentials.gcmKey}`;
  const headers = { authorization, "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };
  return client.post("/gcm/send", headers, new URLSearchParams(fields).toString());
}

describe("JSON", () => {
  it.each(["/fcm/send", "/gcm/send"])("delivers what comes to %s", async (path) => {
    const answer = await sendJson({ to: ANDROID, data: { call: "c1" }, priority: "high", time_to_live: 30 }, { path });

    expect(answer.status).toBe(200);
    expect(parseJson(answer)).toMatchObject({ success: 1, failure: 0, canonical_ids: 0, results: [{}] });
    expect(simulator.mailbox.deliveries()).toMatchObject([
      { provider: "gcm", token: ANDROID, payload: { data: { call: "c1" } } },
    ]);
  });

  it("answers for every token in the order of the request, with HTTP 200", async () => {
    simulator.script(TABLET, { reason: "NotRegistered" });
    simulator.setFacts(ANDROID, { canonicalToken: "new-canonical-token" });

    const answer = await sendJson({ registration_ids: [TABLET, "bad token", ANDROID] });

    expect(answer.status).toBe(200);
    expect(parseJson(answer)).toMatchObject({
      success: 1,
      failure: 2,
      canonical_ids: 1,
      results: [
        { error: "NotRegistered" },
        { error: "InvalidRegistration" },
        { registration_id: "new-canonical-token" },
      ],
    });
    expect(simulator.mailbox.attempts().map(({ fate }) => fate)).toEqual(["refused", "refused", "delivered"]);
  });

  it.each([
    ["no token", { data: {} }, "MissingRegistration"],
    ["a ttl beyond four weeks", { to: ANDROID, time_to_live: 2_419_201 }, "InvalidTtl"],
    ["a reserved data key", { to: ANDROID, data: { "gcm.x": "1" } }, "InvalidDataKey"],
    ["an unknown priority", { to: ANDROID, priority: "urgent" }, "InvalidParameters"],
    ["more than 4096 bytes", { to: ANDROID, data: { k: "x".repeat(4_096) } }, "MessageTooBig"],
  ])("answers 200 and an error to %s", async (_what, body, error) => {
    const answer = await sendJson(body);

    expect(answer.status).toBe(200);
    expect(parseJson(answer)).toMatchObject({ success: 0, failure: 1, results: [{ error }] });
    expect(simulator.mailbox.deliveries()).toEqual([]);
  });

  it.each([
    ["no JSON", "to=x"],
    ["no object", []],
    ["a ttl that is a string", { to: ANDROID, time_to_live: "30" }],
    ["data that is a list", { to: ANDROID, data: ["x"] }],
    ["an empty list of tokens", { registration_ids: [] }],
    ["two kinds of target", { to: ANDROID, registration_ids: [ANDROID] }],
    ["1001 tokens", { registration_ids: Array.from({ length: 1_001 }, () => ANDROID) }],
  ])("answers 400 to %s", async (_what, body) => {
    expect((await sendJson(body)).status).toBe(400);
  });

  it("refuses another server key", async () => {
    const answer = await sendJson({ to: ANDROID }, { key: "wrong" });

    expect(answer.status).toBe(401);
    expect(simulator.mailbox.deliveries()).toEqual([]);
  });

  it("does not deliver a dry run", async () => {
    await sendJson({ to: ANDROID, dry_run: true });

    expect(simulator.mailbox.attempts()).toMatchObject([{ fate: "validated" }]);
  });

  it("can be out of order as a whole", async () => {
    simulator.script(ANDROID, { status: 503, retryAfterSeconds: 3 });

    const answer = await sendJson({ to: ANDROID });

    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "3"]);
    expect(simulator.mailbox.deliveries()).toEqual([]);
  });
});

describe("the plain form", () => {
  it("answers with the message id and the canonical token", async () => {
    simulator.setFacts(ANDROID, { canonicalToken: "canonical" });

    const answer = await sendPlain({ registration_id: ANDROID, "data.call": "c1" });

    expect(answer.body).toMatch(/^id=0:[0-9a-f]+\nregistration_id=canonical\n$/);
    expect(simulator.mailbox.deliveries()).toMatchObject([{ token: ANDROID, payload: { "data.call": "c1" } }]);
  });

  it.each([
    [{}, "MissingRegistration"],
    [{ registration_id: "x" }, "InvalidRegistration"],
    [{ registration_id: ANDROID, time_to_live: "-1" }, "InvalidTtl"],
    [{ registration_id: ANDROID, "data.from": "x" }, "InvalidDataKey"],
  ])("answers to %o with %s", async (fields: Record<string, string>, error) => {
    const answer = await sendPlain(fields);

    expect([answer.status, answer.body]).toEqual([200, `Error=${error}\n`]);
  });
});

it("answers as Google does since it switched the service off", async () => {
  await using retired = await startSimulator({ gcmRetired: true });
  await using its = await openGoogleClient(retired);
  const headers = { authorization: `key=${retired.credentials.gcmKey}`, "content-type": "application/json" };

  const answer = await its.post("/fcm/send", headers, JSON.stringify({ to: ANDROID }));

  expect(answer.status).toBe(200);
  expect(parseJson(answer)).toMatchObject({ success: 0, failure: 1, results: [{ error: "DeprecatedApi" }] });
  expect(retired.mailbox.deliveries()).toEqual([]);
});
