import { compactVerify, decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import type { ServiceAccountPair } from "../credentials.ts";

export type AssertionVerdict =
  | { readonly projectId: string }
  | { readonly error: "invalid_grant" | "invalid_scope"; readonly description: string };

export interface AssertionDeps {
  readonly accounts: readonly ServiceAccountPair[];
  /** Google's own token endpoint and the simulator's. */
  readonly audiences: readonly string[];
  readonly now: number;
}

const SCOPES = [
  "https://www.googleapis.com/auth/firebase.messaging",
  "https://www.googleapis.com/auth/cloud-platform",
] as const;
const HOUR_S = 3_600;
/** Clock difference that Google allows. */
const SKEW_S = 300;

/** https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth */
export async function verifyAssertion(assertion: string, deps: AssertionDeps): Promise<AssertionVerdict> {
  const parts = decodeAssertion(assertion);
  if (parts === undefined) return refuse("Bad Request: the assertion is not a JWT");
  const { claims, alg, kid } = parts;
  const pair = deps.accounts.find(({ account }) => account.client_email === claims.iss);
  if (pair === undefined) return refuse("Invalid grant: account not found");
  if (alg !== "RS256" || (kid !== undefined && kid !== pair.account.private_key_id))
    return refuse("Invalid JWT Signature.");
  const isSigned = await compactVerify(assertion, pair.publicKey, { algorithms: ["RS256"] }).then(
    () => true,
    () => false,
  );
  if (!isSigned) return refuse("Invalid JWT Signature.");
  return checkClaims(claims, deps) ?? { projectId: pair.account.project_id };
}

function checkClaims(claims: JWTPayload, deps: AssertionDeps): AssertionVerdict | undefined {
  const audiences = [claims.aud].flat();
  if (!audiences.some((audience) => audience !== undefined && deps.audiences.includes(audience))) {
    return refuse("Invalid JWT: Failed audience check.");
  }
  if (!isTimely(claims, deps.now / 1_000)) {
    return refuse(
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
    );
  }
  const scopes = typeof claims["scope"] === "string" ? claims["scope"].split(" ") : [];
  if (SCOPES.some((scope) => scopes.includes(scope))) return undefined;
  return { error: "invalid_scope", description: "Invalid OAuth scope or ID token audience provided." };
}

function isTimely({ iat, exp }: JWTPayload, nowSeconds: number): boolean {
  if (iat === undefined || exp === undefined) return false;
  return iat <= nowSeconds + SKEW_S && exp > nowSeconds - SKEW_S && exp > iat && exp - iat <= HOUR_S;
}

function decodeAssertion(assertion: string): { claims: JWTPayload; alg?: string; kid?: string } | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(assertion);
    return { claims: decodeJwt(assertion), ...(alg ? { alg } : {}), ...(kid ? { kid } : {}) };
  } catch {
    return undefined;
  }
}

function refuse(description: string): AssertionVerdict {
  return { error: "invalid_grant", description };
}
