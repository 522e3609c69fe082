import { Agent } from "node:https";
import { callbackify } from "node:util";
import { JWT } from "google-auth-library";
import { dial } from "../channel/dial.ts";
import type { GoogleRoute } from "../google/channel.ts";
import { compact } from "../../push/compact.ts";

/** The part of a service account's JSON file that the gateway needs. */
export interface ServiceAccount {
  readonly projectId: string;
  readonly clientEmail: string;
  readonly privateKey: string;
}

export interface TokenEndpoint extends GoogleRoute {
  /** Google's, or a stand-in's; the path is always `/token`. */
  readonly url: string;
}

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";

/** Fetches a token from Google; `signal` ends the attempt. */
export type FetchToken = (signal: AbortSignal) => Promise<{ readonly value: string; readonly lifeMs: number }>;

/** Google's own client, the one below firebase-admin. It knows Google's address alone: the agent leads it to another. */
export function createFetchToken({ clientEmail, privateKey }: ServiceAccount, endpoint: TokenEndpoint): FetchToken {
  const { url: origin, ca, proxy } = endpoint;
  const tls = ca === undefined ? {} : { ca };
  const destination = compact({ origin, tls, protocol: "http/1.1", proxy });
  return async (signal) => {
    const agent = new Agent({ keepAlive: false });
    agent.createConnection = (_options, callback) => {
      if (callback !== undefined) callbackify(dial)(destination, signal, callback);
      return undefined;
    };
    // Its own retries would outlive the attempt that waits for them.
    const transporterOptions = { agent, signal, retryConfig: { retry: 0 } };
    // A client keeps its token, and would hand out the same one again.
    const client = new JWT({ email: clientEmail, key: privateKey, scopes: [SCOPE], transporterOptions });
    const { access_token: value, expiry_date: expiresAt } = await client.authorize();
    if (!value || !expiresAt) throw new Error("Google's answer holds no access token");
    return { value, lifeMs: expiresAt - Date.now() };
  };
}

/** The token cannot be had because the service account is wrong, and not because Google is out of reach. */
export class BadServiceAccountError extends Error {
  override readonly name = "BadServiceAccountError";
}

/** OAuth's words for an account that is wrong, and OpenSSL's for text that is not a key. */
const BAD_ACCOUNT = /invalid_grant|invalid_client|invalid_scope|unauthorized_client|DECODER routines|ERR_OSSL/;

/** Returns the error of a failed fetch: a BadServiceAccountError if waiting does not help. */
export function readFetchFailure(error: unknown): Error {
  const text = error instanceof Error ? `${error.message} ${String(Reflect.get(error, "code"))}` : String(error);
  if (BAD_ACCOUNT.test(text))
    return new BadServiceAccountError("Google does not accept the service account", { cause: error });
  return error instanceof Error ? error : new Error(text);
}
