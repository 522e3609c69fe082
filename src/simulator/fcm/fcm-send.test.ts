import { request as httpsRequest } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../simulator.ts";
import {
  ANDROID,
  fetchAccessToken,
  openGoogleClient,
  parseJson,
} from "../../../test/fixtures/simulator/google-client.ts";
import type { Http2Client } from "../../../test/fixtures/simulator/http2-client.ts";

const PROJECT = "sip-pushd-simulator";
const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

let simulator: Simulator;
let client: Http2Client;
let accessToken: string;
let now = Date.now;

beforeAll(async () => {
  simulator = await startSimulator({ now: () => now() });
  client = await openGoogleClient(simulator);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

beforeEach(async () => {
  now = Date.now;
  simulator.forget(ANDROID);
  accessToken = await fetchAccessToken(simulator, client);
  simulator.mailbox.clear();
});

function send(body: unknown, { project = PROJECT, authorization = `Bearer ${accessToken}` } = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return client.post(
    `/v1/projects/${project}/messages:send`,
    { authorization, "content-type": "application/json" },
    text,
  );
}

describe("messages", () => {
  it("delivers a message and names it", async () => {
    const message = { token: ANDROID, data: { call_id: "c1" }, android: { priority: "high", ttl: "30s" } };

    const answer = await send({ message });

    const { name } = parseJson(answer) as { name: string };
    expect(answer.status).toBe(200);
    expect(name).toMatch(/^projects\/sip-pushd-simulator\/messages\/0:/);
    expect(simulator.mailbox.deliveries()).toMatchObject([
      { provider: "fcm", token: ANDROID, payload: { message }, messageId: name },
    ]);
  });

  it("validates a message without delivering it", async () => {
    const answer = await send({ validate_only: true, message: { token: ANDROID } });

    expect(parseJson(answer)).toEqual({ name: `projects/${PROJECT}/messages/fake_message_id` });
    expect(simulator.mailbox.deliveries()).toEqual([]);
    expect(simulator.mailbox.attempts()).toMatchObject([{ fate: "validated" }]);
  });

  it.each([
    ["two targets", { token: ANDROID, topic: "news" }, "message"],
    ["data that is no string", { token: ANDROID, data: { a: "x", b: 5 } }, "message.data[1].value"],
    [
      "Android data that is no string",
      { token: ANDROID, android: { data: { b: true } } },
      "message.android.data[0].value",
    ],
    ["a field that does not exist", { token: ANDROID, android: { time_to_live: "30s" } }, "message.android"],
    ["a ttl that is a number", { token: ANDROID, android: { ttl: 30 } }, "message.android.ttl"],
    ["a ttl without its unit", { token: ANDROID, android: { ttl: "30" } }, "message.android.ttl"],
    ["a priority that does not exist", { token: ANDROID, android: { priority: "urgent" } }, "message.android.priority"],
  ])("refuses %s as a malformed request", async (_what, message, field) => {
    const answer = await send({ message });

    expect(answer.status).toBe(400);
    expect(parseJson(answer)).toMatchObject({
      error: {
        code: 400,
        status: "INVALID_ARGUMENT",
        details: [{ "@type": BAD_REQUEST, fieldViolations: [{ field }] }],
      },
    });
  });

  it.each([
    ["no target", { data: {} }, "message"],
    ["an APNs token", { token: "ab".repeat(32) }, "message.token"],
    ["a token with a space", { token: `${ANDROID} x` }, "message.token"],
    ["a reserved data key", { token: ANDROID, data: { from: "x" } }, "message.data"],
    ["a reserved prefix", { token: ANDROID, data: { "google.x": "x" } }, "message.data"],
    ["a ttl beyond four weeks", { token: ANDROID, android: { ttl: "2419201s" } }, "message.android.ttl"],
    ["a negative ttl", { token: ANDROID, android: { ttl: "-1s" } }, "message.android.ttl"],
  ])("refuses %s as an invalid argument", async (_what, message, field) => {
    const answer = await send({ message });

    expect(answer.status).toBe(400);
    expect(parseJson(answer)).toMatchObject({
      error: {
        status: "INVALID_ARGUMENT",
        details: [
          { "@type": FCM_ERROR, errorCode: "INVALID_ARGUMENT" },
          { "@type": BAD_REQUEST, fieldViolations: [{ field }] },
        ],
      },
    });
  });

  it("counts keys and values, and gives no details about a message that is too big", async () => {
    const fits = await send({ message: { token: ANDROID, data: { key: "x".repeat(4_093) } } });
    const tooBig = await send({ message: { token: ANDROID, data: { key: "x".repeat(4_094) } } });

    expect(fits.status).toBe(200);
    expect(tooBig.status).toBe(400);
    expect(parseJson(tooBig)).toEqual({
      error: { code: 400, message: "Android message is too big", status: "INVALID_ARGUMENT" },
    });
  });

  it.each(["", "not json", "[]"])("refuses the body %o", async (body) => {
    expect((await send(body)).status).toBe(400);
  });

  it("takes camelCase names as Google's JSON does", async () => {
    const android = { collapseKey: "calls", directBootOk: true, ttl: "3.5s" };

    expect((await send({ message: { token: ANDROID, android } })).status).toBe(200);
  });
});

describe("access", () => {
  it.each([
    ["no access token", ""],
    ["an unknown access token", "Bearer ya29.unknown"],
    ["a server key", "key=AIza"],
  ])("refuses %s", async (_what, authorization) => {
    const answer = await send({ message: { token: ANDROID } }, { authorization });

    expect(answer.status).toBe(401);
    expect(parseJson(answer)).toMatchObject({ error: { code: 401, status: "UNAUTHENTICATED" } });
    expect(answer.body).not.toContain("FcmError");
  });

  it("refuses an access token after its hour, and after its revocation", async () => {
    now = () => Date.now() + 3_600_000;
    expect((await send({ message: { token: ANDROID } })).status).toBe(401);

    now = Date.now;
    simulator.revokeAccessTokens();
    expect((await send({ message: { token: ANDROID } })).status).toBe(401);
  });

  it("refuses another project without a word about the device", async () => {
    const answer = await send({ message: { token: ANDROID } }, { project: "another" });

    expect(answer.status).toBe(403);
    expect(parseJson(answer)).toMatchObject({ error: { status: "PERMISSION_DENIED" } });
    expect(answer.body).not.toContain("FcmError");
  });

  it("answers unknown paths with Google's HTML", async () => {
    const answer = await client.post("/v1/projects/x/messages", {});

    expect(answer.status).toBe(404);
    expect(answer.headers["content-type"]).toContain("text/html");
  });
});

describe("scripts", () => {
  it.each([
    ["UNREGISTERED", 404, "NOT_FOUND"],
    ["SENDER_ID_MISMATCH", 403, "PERMISSION_DENIED"],
    ["QUOTA_EXCEEDED", 429, "RESOURCE_EXHAUSTED"],
    ["UNAVAILABLE", 503, "UNAVAILABLE"],
    ["INTERNAL", 500, "INTERNAL"],
    ["THIRD_PARTY_AUTH_ERROR", 401, "UNAUTHENTICATED"],
  ])("answers %s as Google does", async (reason, code, status) => {
    simulator.script(ANDROID, { reason, retryAfterSeconds: 7, times: 1 });

    const answer = await send({ message: { token: ANDROID } });

    expect(answer.status).toBe(code);
    expect(answer.headers["retry-after"]).toBe("7");
    expect(parseJson(answer)).toMatchObject({ error: { code, status } });
    expect((parseJson(answer) as { error: { details: unknown[] } }).error.details).toContainEqual({
      "@type": FCM_ERROR,
      errorCode: reason,
    });
    expect(simulator.mailbox.attempts()).toMatchObject([{ fate: "refused", answer: { status: code, reason } }]);
    expect((await send({ message: { token: ANDROID } })).status).toBe(200);
  });

  it("answers like a proxy when told a bare status", async () => {
    simulator.script(ANDROID, { status: 502 });

    const answer = await send({ message: { token: ANDROID } });

    expect([answer.status, answer.headers["content-type"]]).toEqual([502, "text/html; charset=UTF-8"]);
  });

  it("knows whose token it is", async () => {
    simulator.setFacts(ANDROID, { projectId: "another" });

    const answer = await send({ message: { token: ANDROID } });

    expect(answer.status).toBe(403);
    expect(answer.body).toContain("SENDER_ID_MISMATCH");
  });

  it("refuses a stream unprocessed", async () => {
    simulator.script(ANDROID, { transport: "refuse-stream", times: 1 });

    await expect(send({ message: { token: ANDROID } })).rejects.toThrow("NGHTTP2_REFUSED_STREAM");
  });
});

describe("transports", () => {
  it("allows a hundred streams", () => {
    expect(client.session.remoteSettings.maxConcurrentStreams).toBe(100);
  });

  it("speaks HTTP/1.1 as well, and drops that connection where HTTP/2 would lose the stream", async () => {
    const overHttp1 = () => postOverHttp1(JSON.stringify({ message: { token: ANDROID } }));
    expect((await overHttp1()).statusCode).toBe(200);

    simulator.script(ANDROID, { transport: "refuse-stream" });

    await expect(overHttp1()).rejects.toThrow(/hang up|ECONNRESET/);
  });
});

async function postOverHttp1(body: string): Promise<IncomingMessage> {
  const request = httpsRequest(`${simulator.fcm.origin}/v1/projects/${PROJECT}/messages:send`, {
    method: "POST",
    ca: simulator.ca,
    agent: false,
    headers: { authorization: `Bearer ${accessToken}` },
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  return response;
}

describe("who a message is for", () => {
  it("takes an installation id in its form alone", async () => {
    const good = await send({ message: { fid: "dQw4w9WgXcQ_dQw4w9WgXc" } });
    const bad = await send({ message: { fid: "short" } });

    expect(good.status).toBe(200);
    expect(bad.status).toBe(400);
    expect(parseJson(bad)).toMatchObject({
      error: { details: [{ "@type": FCM_ERROR }, { fieldViolations: [{ field: "message.fid" }] }] },
    });
  });

  it("refuses a bad token in both of Google's forms", async () => {
    const named = await send({ message: { token: "ab".repeat(32) } });
    const alone = await send({ message: { token: "APA91b" } });
    simulator.script(ANDROID, { reason: "INVALID_TOKEN", times: 1 });
    const scripted = await send({ message: { token: ANDROID } });

    expect(parseJson(named)).toMatchObject({
      error: { details: [{ "@type": FCM_ERROR }, { "@type": BAD_REQUEST }] },
    });
    const message = "The registration token is not a valid FCM registration token";
    const details = [{ "@type": FCM_ERROR, errorCode: "INVALID_ARGUMENT" }];
    expect(parseJson(alone)).toMatchObject({ error: { message, details } });
    expect(parseJson(scripted)).toMatchObject({ error: { message, details } });
  });
});
