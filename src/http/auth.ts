import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { GatewayError } from "../gateway/errors.ts";
import { findForeignSign, isForwardedFromElsewhere } from "./foreign-request.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Name of the API key that admitted the request; null if none was needed. */
    keyName: string | null;
  }
  interface FastifyContextConfig {
    /** True if the route needs no key on any listener. */
    isPublic?: boolean;
    /** True if a query with a `token` needs no key. The route itself checks the token. */
    opensWithToken?: boolean;
  }
}

/** An API key of a platform: its name for the log, and the digest of its text. */
export interface ApiKey {
  readonly name: string;
  readonly sha256: Uint8Array;
}

export function buildApiKey(name: string, key: string): ApiKey {
  return { name, sha256: digest(key) };
}

/**
 * Returns the key of a request, sent as a bearer token or as the password of HTTP Basic (`https://any:KEY@host/push`).
 */
export function readPresentedKey(authorization: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +([^\s]+)$/i.exec(authorization ?? "") ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === "bearer") return credentials;
  const decoded = Buffer.from(credentials, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return colon < 0 ? undefined : decoded.slice(colon + 1);
}

/** Always compares with every key, so that the time taken does not reveal which one was nearly right. */
export function findKey(presented: string, keys: readonly ApiKey[]): ApiKey | undefined {
  const presentedDigest = digest(presented);
  return keys.reduce<ApiKey | undefined>(
    (found, key) => (timingSafeEqual(presentedDigest, key.sha256) ? key : found),
    undefined,
  );
}

export interface KeyHeaders {
  readonly authorization?: string | undefined;
  readonly "x-api-key"?: string | string[] | undefined;
}

/** Returns the key of a request. Flexisip can only send it in its own header. */
function readKey({ authorization, "x-api-key": bare }: KeyHeaders): string | undefined {
  return readPresentedKey(authorization) ?? (bare === undefined ? undefined : String(bare));
}

const MAX_KEYS_REMEMBERED = 1_000;

/** Returns a function that finds key names. It caches them, so that refusing a request stays cheap. */
export function createFindKeyName(apiKeys: () => readonly ApiKey[]): (headers: KeyHeaders) => string | undefined {
  const names = new Map<string, string | undefined>();
  let known = apiKeys();
  return (headers) => {
    const presented = readKey(headers);
    if (presented === undefined) return undefined;
    const keys = apiKeys();
    if (keys !== known || names.size >= MAX_KEYS_REMEMBERED) names.clear();
    known = keys;
    if (!names.has(presented)) names.set(presented, findKey(presented, keys)?.name);
    return names.get(presented);
  };
}

export interface AuthDeps {
  readonly requireKey: boolean;
  readonly apiKeys: () => readonly ApiKey[];
  /** Names under which local programs may reach a listener without keys. */
  readonly names: () => readonly string[];
  /** Called with each request that shows a valid key. */
  readonly onKey?: (request: IncomingMessage) => void;
}

/**
 * Throws a GatewayError unless the request is admitted. This applies to unknown paths as well, so that a stranger
 * learns nothing.
 */
export type Admit = (request: FastifyRequest) => void;

export function createAdmit({ requireKey, apiKeys, names, onKey }: AuthDeps): Admit {
  return (request) => {
    const { isPublic = false, opensWithToken = false } = request.routeOptions.config;
    if (isPublic || (opensWithToken && hasToken(request.query))) return;
    const presented = readKey(request.headers);
    const key = presented === undefined ? undefined : findKey(presented, apiKeys());
    request.keyName = key?.name ?? null;
    if (key !== undefined) {
      onKey?.(request.raw);
      return;
    }
    if (requireKey || isForwardedFromElsewhere(request.raw.headers)) throw unauthorized(requireKey);
    const sign = findForeignSign(request.raw.headers, names());
    if (sign !== undefined) throw new GatewayError("foreign_request", sign.detail, { hint: sign.hint });
  };
}

function unauthorized(requireKey: boolean): GatewayError {
  const detail = "Send an API key of this gateway: 'Authorization: Bearer KEY', or as the password of HTTP Basic.";
  const hint = requireKey
    ? "the key is missing or is not one of auth.keys in the gateway's configuration"
    : "a proxy passes the request on from another machine (Forwarded, X-Forwarded-For), so it needs one of auth.keys";
  return new GatewayError("unauthorized", detail, { hint });
}

function hasToken(query: unknown): boolean {
  return typeof query === "object" && query !== null && "token" in query;
}

export function createAuthHook(admit: Admit): onRequestHookHandler {
  return (request, _reply, done) => {
    try {
      admit(request);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
