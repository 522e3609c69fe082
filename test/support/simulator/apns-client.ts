import type { OutgoingHttpHeaders } from "node:http2";
import { importPKCS8, SignJWT } from "jose";
import type { PemPair } from "../../../src/simulator/certificates.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import { openHttp2Client, type ClientAnswer, type Http2Client } from "./http2-client.ts";

export const IPHONE = "a1".repeat(32);

export interface ApnsClient extends Http2Client {
  /** Sends a valid push with the test's changes. A header set to undefined is omitted. */
  push(changes?: PushChanges): Promise<ClientAnswer>;
}

export interface PushChanges {
  readonly token?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

export async function signProviderToken(
  simulator: Simulator,
  changes: { keyId?: string; teamId?: string; issuedAt?: number; key?: string } = {},
): Promise<string> {
  const { key, keyId, teamId } = { ...simulator.credentials.apnsTokenKey, ...changes };
  return new SignJWT({ iss: teamId, iat: changes.issuedAt ?? Math.floor(Date.now() / 1_000) })
    .setProtectedHeader({ alg: "ES256", kid: keyId })
    .sign(await importPKCS8(key, "ES256"));
}

/** Opens a client with a provider token, or with the given client certificate. */
export async function openApnsClient(
  simulator: Simulator,
  options: { readonly origin?: string; readonly identity?: PemPair } = {},
): Promise<ApnsClient> {
  const { origin = simulator.apns.production, identity } = options;
  const tls = identity === undefined ? {} : { cert: identity.certificate, key: identity.key };
  const client = await openHttp2Client(origin, { ca: simulator.ca, ...tls });
  const authorization = identity === undefined ? `bearer ${await signProviderToken(simulator)}` : undefined;
  const usual = { authorization, "apns-topic": simulator.credentials.bundleId, "apns-push-type": "alert" };
  return {
    ...client,
    push: ({ token = IPHONE, headers = {}, body = '{"aps":{"alert":"hello"}}' } = {}) =>
      client.post(`/3/device/${token}`, withoutUndefined({ ...usual, ...headers }), body),
  };
}

export function reasonOf({ body }: ClientAnswer): unknown {
  return (JSON.parse(body) as { reason?: unknown }).reason;
}

function withoutUndefined(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
