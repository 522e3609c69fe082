import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { GatewayError } from "../gateway/errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The name of the API key that opened the door; null where none was needed. */
    keyName: string | null;
  }
  interface FastifyContextConfig {
    /** Open without a key on every listener. */
    isPublic?: boolean;
    /** A query with a `token` passes without a key: the route looks whether it is the right one. */
    opensWithToken?: boolean;
  }
}

/** A key that platforms may use: its name for the log, of its text only the digest. */
export interface ApiKey {
  readonly name: string;
  readonly sha256: Uint8Array;
}

export function buildApiKey(name: string, key: string): ApiKey {
  return { name, sha256: digest(key) };
}

/** The key that a request shows: as a bearer token, or as the password of HTTP Basic (`https://any:KEY@host/push`). */
export function readPresentedKey(authorization: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +([^\s]+)$/i.exec(authorization ?? "") ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === "bearer") return credentials;
  const decoded = Buffer.from(credentials, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return colon < 0 ? undefined : decoded.slice(colon + 1);
}

/** Compares with every key, always: the time taken tells nothing about which one was nearly right. */
export function findKey(presented: string, keys: readonly ApiKey[]): ApiKey | undefined {
  const presentedDigest = digest(presented);
  return keys.reduce<ApiKey | undefined>(
    (found, key) => (timingSafeEqual(presentedDigest, key.sha256) ? key : found),
    undefined,
  );
}

export interface AuthDeps {
  readonly requireKey: boolean;
  readonly apiKeys: () => readonly ApiKey[];
}

/** Throws unless the request may pass. Paths that do not exist are behind the door too: a stranger learns nothing. */
export type Admit = (request: FastifyRequest) => void;

export function createAdmit({ requireKey, apiKeys }: AuthDeps): Admit {
  return (request) => {
    const { isPublic = false, opensWithToken = false } = request.routeOptions.config;
    if (!requireKey || isPublic || (opensWithToken && hasToken(request.query))) return;
    const { authorization, "x-api-key": bare } = request.headers;
    // Flexisip can send its key in this header alone.
    const presented = readPresentedKey(authorization) ?? (bare === undefined ? undefined : String(bare));
    const key = findKey(presented ?? "", apiKeys());
    if (presented === undefined || key === undefined) {
      const detail = "Send an API key of this gateway: 'Authorization: Bearer KEY', or as the password of HTTP Basic.";
      throw new GatewayError("unauthorized", detail, {
        hint: "the key is missing or is none of auth.keys in the gateway's configuration",
      });
    }
    request.keyName = key.name;
  };
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
