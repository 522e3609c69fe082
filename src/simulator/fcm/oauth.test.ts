import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OAUTH_TOKEN } from "../behaviour.ts";
import { startSimulator, type Simulator } from "../simulator.ts";
import {
  openGoogleClient,
  parseJson,
  requestToken,
  signAssertion,
} from "../../../test/fixtures/simulator/google-client.ts";
import type { Http2Client } from "../../../test/fixtures/simulator/http2-client.ts";

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

it("hands out a token for an hour", async () => {
  const issued = simulator.accessTokensIssued();

  const answer = await requestToken(client, await signAssertion(simulator));

  expect(answer.status).toBe(200);
  expect(parseJson(answer)).toMatchObject({
    access_token: expect.any(String) as string,
    expires_in: 3_599,
    token_type: "Bearer",
  });
  expect(simulator.accessTokensIssued()).toBe(issued + 1);
});

it.each(["https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"])(
  "accepts Google's own name %s as audience",
  async (aud) => {
    expect((await requestToken(client, await signAssertion(simulator, { claims: { aud } }))).status).toBe(200);
  },
);

const now = Math.floor(Date.now() / 1_000);

it.each([
  ["of an unknown account", { claims: { iss: "nobody@example.org" } }, "invalid_grant"],
  ["for another audience", { claims: { aud: "https://example.org/token" } }, "invalid_grant"],
  ["that lasts longer than an hour", { claims: { exp: now + 7_200 } }, "invalid_grant"],
  ["that has expired", { claims: { iat: now - 7_200, exp: now - 3_600 } }, "invalid_grant"],
  ["from the future", { claims: { iat: now + 1_000, exp: now + 2_000 } }, "invalid_grant"],
  ["for another scope", { claims: { scope: "https://www.googleapis.com/auth/drive" } }, "invalid_scope"],
  ["signed by another key", { key: foreignKey() }, "invalid_grant"],
  ["that names another key", { kid: "0000" }, "invalid_grant"],
])("refuses an assertion %s", async (_what, changes, error) => {
  const answer = await requestToken(client, await signAssertion(simulator, changes));

  expect(answer.status).toBe(400);
  expect(parseJson(answer)).toMatchObject({ error });
});

it("refuses other grants and assertions that are none", async () => {
  const other = await client.post("/token", {}, "grant_type=refresh_token");
  const none = await requestToken(client, "abc");

  expect(parseJson(other)).toMatchObject({ error: "unsupported_grant_type" });
  expect(parseJson(none)).toMatchObject({ error: "invalid_grant" });
});

it("can be told to be out of order, and keeps no assertion", async () => {
  simulator.script(OAUTH_TOKEN, { status: 503, times: 1 });
  const assertion = await signAssertion(simulator);

  const answers = [await requestToken(client, assertion), await requestToken(client, assertion)];

  expect(answers.map(({ status }) => status)).toEqual([503, 200]);
  expect(JSON.stringify(simulator.mailbox.attempts())).not.toContain(assertion);
});

function foreignKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
