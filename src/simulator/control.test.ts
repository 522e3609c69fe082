import { once } from "node:events";
import { connect } from "node:tls";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startSimulator, type Simulator } from "./simulator.ts";
import { IPHONE, openApnsClient, reasonOf, type ApnsClient } from "../../test/fixtures/simulator/apns-client.ts";

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

async function call(method: string, path: string, body?: string): Promise<{ status: number; json: unknown }> {
  const response = await fetch(simulator.control + path, { method, ...(body === undefined ? {} : { body }) });
  return { status: response.status, json: await response.json() };
}

it("says that it is up", async () => {
  expect(await call("GET", "/healthz")).toEqual({ status: 200, json: { status: "ok" } });
});

it("lists deliveries, of one token if asked, and forgets them", async () => {
  await client.push();
  await client.push({ token: "b2".repeat(32) });

  const all = await call("GET", "/deliveries");
  const one = await call("GET", `/deliveries?token=${IPHONE}`);
  await call("DELETE", "/deliveries");
  const none = await call("GET", "/attempts");

  expect((all.json as { deliveries: unknown[] }).deliveries).toHaveLength(2);
  expect(one.json).toMatchObject({
    deliveries: [{ token: IPHONE, provider: "apns", payload: { aps: { alert: "hello" } } }],
  });
  expect(none.json).toEqual({ attempts: [] });
});

it("lets a person script a token and take it back", async () => {
  const script = {
    behaviours: [{ reason: "Unregistered", timestamp: 1_700_000_000_000 }],
    facts: { topic: "org.example.phone" },
  };
  const put = await call("PUT", `/tokens/${IPHONE}`, JSON.stringify(script));
  expect(put).toMatchObject({ status: 200, json: script });
  expect((await call("GET", "/tokens")).json).toMatchObject({ tokens: { [IPHONE]: script } });
  expect(reasonOf(await client.push())).toBe("Unregistered");
  expect((await call("GET", "/attempts")).json).toMatchObject({
    attempts: [{ fate: "refused", answer: { status: 410 } }],
  });

  await call("DELETE", `/tokens/${IPHONE}`);

  expect((await client.push()).status).toBe(200);
});

it("answers with an empty body when it is told to", async () => {
  const put = await call("PUT", `/tokens/${IPHONE}`, JSON.stringify({ behaviours: [{ body: "" }] }));

  const answer = await client.push();
  await call("DELETE", `/tokens/${IPHONE}`);

  expect(put.status).toBe(200);
  expect(answer).toMatchObject({ status: 200, body: "" });
});

it.each([
  ["text instead of JSON", "reason: Unregistered", "not JSON"],
  ["no object", "[]", "expected an object"],
  ["an unknown key", '{"script":[]}', "script: unknown"],
  ["a behaviour that does not exist", '{"behaviours":[{"answer":1}]}', "behaviours[0].answer: unknown"],
  [
    "a value out of range",
    '{"behaviours":[{},{"status":99}]}',
    "behaviours[1].status: expected an integer from 200 to 599",
  ],
  ["an unknown transport", '{"behaviours":[{"transport":"slow"}]}', "behaviours[0].transport: expected one of"],
  ["an unknown environment", '{"facts":{"environment":"test"}}', "facts.environment: expected one of"],
])("says what is wrong with %s", async (_what, body, problem) => {
  const { status, json } = await call("PUT", `/tokens/${IPHONE}`, body);

  expect(status).toBe(400);
  expect(json).toMatchObject({ code: "invalid_instructions" });
  expect((json as { error: string }).error).toContain(problem);
});

it("lets a person script connections, lists them, and takes it back", async () => {
  const script = { on: "next", times: 3, steps: [{ afterRequests: 1, do: "goaway", reason: "Shutdown" }] };
  const put = await call("PUT", "/connections/apns-production", JSON.stringify(script));
  expect(put).toEqual({ status: 200, json: { server: "apns-production", script } });
  await using fresh = await openApnsClient(simulator);
  await fresh.push();

  const listed = await call("GET", "/connections");

  expect(listed.json).toMatchObject({ scripts: { "apns-production": { ...script, times: 2 } } });
  expect((listed.json as { connections: unknown[] }).connections.at(-1)).toMatchObject({
    server: "apns-production",
    requests: 1,
    refused: 0,
    goAways: [{ code: 0, lastStreamId: 1 }],
  });
  expect((await call("DELETE", "/connections/apns-production")).json).toEqual({ forgotten: true });
  expect((await call("GET", "/connections")).json).toMatchObject({ scripts: {} });
});

it.each([
  ["PUT", "/connections/apple", '{"on":"next"}', "expected one of apns-production, apns-sandbox, google, found apple"],
  ["PUT", "/connections/google", '{"steps":[]}', "script.on: expected one of open, next, all, found nothing"],
  ["DELETE", "/connections/", undefined, "found nothing"],
  ["PUT", "/certificate/old", undefined, "expected one of good, expired, wrong-name, untrusted, found old"],
])("says what is wrong with %s %s", async (method, path, body, problem) => {
  const { status, json } = await call(method, path, body);

  expect(status).toBe(400);
  expect((json as { error: string }).error).toContain(problem);
});

it.each([
  ["expired", "CERT_HAS_EXPIRED"],
  ["wrong-name", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["untrusted", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
])("shows a certificate that is %s until it is told to show the good one", async (kind, code) => {
  await call("PUT", `/certificate/${kind}`);
  const { hostname, port } = new URL(simulator.apns.production);
  const handshake = () => once(connect({ host: hostname, port: Number(port), ca: simulator.ca }), "secureConnect");

  await expect(handshake()).rejects.toMatchObject({ code });

  await call("PUT", "/certificate/good");
  const trusted = connect({ host: hostname, port: Number(port), ca: simulator.ca });
  await once(trusted, "secureConnect");
  trusted.destroy();
});

it("knows nothing else", async () => {
  expect((await call("GET", "/nowhere")).status).toBe(404);
  expect((await call("POST", "/deliveries")).status).toBe(404);
  expect((await call("DELETE", "/tokens/never-set")).status).toBe(404);
  expect((await call("PUT", "/tokens/%zz", "{}")).status).toBe(400);
});
