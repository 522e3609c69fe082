import { randomBytes } from "node:crypto";

/** OAuth access tokens in Google's form: opaque, valid for an hour. */
export interface AccessTokens {
  issue(projectId: string): { readonly accessToken: string; readonly expiresInSeconds: number };
  /**
   * Returns the project whose service account requested the token, or undefined if it is unknown, expired or revoked.
   */
  projectOf(accessToken: string): string | undefined;
  revokeAll(): void;
  /** Returns the number issued since the start. */
  issuedCount(): number;
}

const LIFETIME_SECONDS = 3_599;

export function createAccessTokens(now: () => number): AccessTokens {
  const issued = new Map<string, { projectId: string; expiresAt: number }>();
  let count = 0;
  return {
    issue(projectId) {
      const accessToken = `ya29.${randomBytes(48).toString("base64url")}`;
      issued.set(accessToken, { projectId, expiresAt: now() + LIFETIME_SECONDS * 1_000 });
      count += 1;
      return { accessToken, expiresInSeconds: LIFETIME_SECONDS };
    },
    projectOf(accessToken) {
      const token = issued.get(accessToken);
      return token !== undefined && now() < token.expiresAt ? token.projectId : undefined;
    },
    revokeAll: () => issued.clear(),
    issuedCount: () => count,
  };
}
