import { verify, type KeyObject } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import type { ApnsEnvironment } from "../../certificates/apple-rights.ts";
import type { ApnsReason } from "./answers.ts";

/** A signing key registered with Apple. */
export interface RegisteredKey {
  readonly keyId: string;
  readonly teamId: string;
  readonly publicKey: KeyObject;
  readonly environments: readonly ApnsEnvironment[];
  readonly bundleIds: readonly string[];
}

/** Provider tokens of one connection. Apple restricts how they may change. */
export interface ProviderTokens {
  /** Returns the key that signed the `authorization` header, or the reason for refusing it. */
  verify(authorization: string | undefined): Promise<RegisteredKey | ApnsReason>;
}

export interface ProviderTokensDeps {
  readonly keys: readonly RegisteredKey[];
  readonly environment: ApnsEnvironment;
  readonly now: () => number;
}

interface Verified {
  readonly jwt: string;
  readonly key: RegisteredKey;
  readonly issuedAt: number;
}

const HOUR_MS = 3_600_000;
const UPDATE_WINDOW_MS = 20 * 60_000;

/** https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns */
export function createProviderTokens({ keys, environment, now }: ProviderTokensDeps): ProviderTokens {
  let current: Verified | undefined;
  let updatedAt = -Infinity;

  function adopt(token: Verified): RegisteredKey | ApnsReason {
    if (!token.key.environments.includes(environment)) return "BadEnvironmentKeyIdInToken";
    if (Math.abs(now() - token.issuedAt) > HOUR_MS) return "ExpiredProviderToken";
    if (current === undefined || current.jwt === token.jwt) {
      current = token;
      return token.key;
    }
    // The first push fixes the team and key of the connection.
    if (token.key.teamId !== current.key.teamId) return "InvalidProviderToken";
    if (token.key.keyId !== current.key.keyId) return "UnrelatedKeyIdInToken";
    if (now() - updatedAt < UPDATE_WINDOW_MS) return "TooManyProviderTokenUpdates";
    updatedAt = now();
    current = token;
    return token.key;
  }

  return {
    async verify(authorization) {
      const jwt = /^bearer (.+)$/i.exec(authorization ?? "")?.[1];
      if (jwt === undefined) return "MissingProviderToken";
      if (current?.jwt === jwt) return adopt(current);
      const token = verifyProviderToken(jwt, keys);
      return token === undefined ? "InvalidProviderToken" : adopt(token);
    },
  };
}

function verifyProviderToken(jwt: string, keys: readonly RegisteredKey[]): Verified | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(jwt);
    const { iss, iat } = decodeJwt(jwt);
    const key = keys.find(({ keyId, teamId }) => keyId === kid && teamId === iss);
    if (alg !== "ES256" || key === undefined || !Number.isInteger(iat)) return undefined;
    if (!isSigned(jwt, key.publicKey)) return undefined;
    return { jwt, key, issuedAt: (iat ?? 0) * 1_000 };
  } catch {
    return undefined;
  }
}

/**
 * RFC 7518 puts r and s of the signature side by side. Released clients (pushy, a2) sign in DER, or write base64 with
 * padding. They work with Apple, so both forms are accepted.
 */
function isSigned(jwt: string, publicKey: KeyObject): boolean {
  const [, signed = "", signature = ""] = /^([^.]+\.[^.]+)\.([^.]+)$/.exec(jwt) ?? [];
  const bytes = Buffer.from(signature, "base64");
  return (["ieee-p1363", "der"] as const).some((dsaEncoding) =>
    verify("sha256", Buffer.from(signed), { key: publicKey, dsaEncoding }, bytes),
  );
}
