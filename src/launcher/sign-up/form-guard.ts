import { randomBytes } from "node:crypto";
import type { SignUpSecrets } from "./secrets.ts";

/** Parts of a request that show whether it comes from our own form. */
export interface FormRequest {
  readonly cookieHeader: string | undefined;
  readonly fetchSite: string | undefined;
  readonly isSecure: boolean;
}

export interface FormGuard {
  /** Returns the browser's token, and a `Set-Cookie` header if it has no cookie yet. */
  issue(request: FormRequest): { readonly token: string; readonly setCookie?: string };
  /** Returns true if another site, or a program, made the request. */
  isForged(request: FormRequest, token: string): boolean;
}

/** This prefix binds the cookie to the host and to https; it works only over https. */
const SECURE_NAME = "__Host-sign-up";
const PLAIN_NAME = "sign-up";
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);

/**
 * Protects forms against forged posts. Another site can make a browser post our form, but can neither read the cookie
 * nor make a token for it.
 */
export function createFormGuard(secrets: Pick<SignUpSecrets, "formToken" | "isFormToken">): FormGuard {
  return {
    issue(request) {
      const known = readCookie(request);
      const cookie = known ?? randomBytes(24).toString("base64url");
      const token = secrets.formToken(cookie);
      return known === undefined ? { token, setCookie: writeCookie(cookie, request.isSecure) } : { token };
    },
    isForged(request, token) {
      if (request.fetchSite !== undefined && !OWN_SITES.has(request.fetchSite)) return true;
      const cookie = readCookie(request);
      return cookie === undefined || !secrets.isFormToken(cookie, token);
    },
  };
}

function readCookie({ cookieHeader = "", isSecure }: FormRequest): string | undefined {
  const name = isSecure ? SECURE_NAME : PLAIN_NAME;
  const pairs = cookieHeader.split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function writeCookie(value: string, isSecure: boolean): string {
  const attributes = "Path=/; HttpOnly; SameSite=Strict; Max-Age=3600";
  return isSecure ? `${SECURE_NAME}=${value}; ${attributes}; Secure` : `${PLAIN_NAME}=${value}; ${attributes}`;
}
