import { importPKCS8, SignJWT } from "jose";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import { openHttp2Client, type ClientAnswer, type Http2Client } from "./http2-client.ts";

export const ANDROID = "fZ3kq9Xr7Tw:APA91bEandroidtokenwithenoughcharacters0123456789";

export interface AssertionChanges {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: string;
  readonly kid?: string;
}

export async function signAssertion(simulator: Simulator, changes: AssertionChanges = {}): Promise<string> {
  const { serviceAccount } = simulator.credentials;
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: serviceAccount.client_email,
    scope: "https://www.googleapis.com/auth/firebase.messaging",
    aud: serviceAccount.token_uri,
    iat: now,
    exp: now + 3_600,
  };
  return new SignJWT({ ...claims, ...changes.claims })
    .setProtectedHeader({ alg: "RS256", kid: changes.kid ?? serviceAccount.private_key_id })
    .sign(await importPKCS8(changes.key ?? serviceAccount.private_key, "RS256"));
}

export function openGoogleClient(simulator: Simulator): Promise<Http2Client> {
  return openHttp2Client(simulator.fcm.origin, { ca: simulator.ca });
}

export function requestToken(client: Http2Client, assertion: string): Promise<ClientAnswer> {
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  return client.post("/token", { "content-type": "application/x-www-form-urlencoded" }, form.toString());
}

export async function fetchAccessToken(simulator: Simulator, client: Http2Client): Promise<string> {
  const answer = await requestToken(client, await signAssertion(simulator));
  return (JSON.parse(answer.body) as { access_token: string }).access_token;
}

export function parseJson(answer: ClientAnswer): unknown {
  return JSON.parse(answer.body) as unknown;
}
