import { Agent } from "node:https";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { JWT } from "google-auth-library";
import type { Clock } from "../../gateway/clock.ts";

/** What the gateway needs of a service account's JSON file. */
export interface ServiceAccount {
  readonly projectId: string;
  readonly clientEmail: string;
  readonly privateKey: string;
}

export interface TokenEndpoint {
  /** Google's, or a stand-in's; the path is always `/token`. */
  readonly url: string;
  readonly ca?: string;
}

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";

/** Fetches a token from Google; `expiresAt` in epoch milliseconds. */
export type FetchToken = () => Promise<{ readonly value: string; readonly expiresAt: number }>;

/** Google's own client, the one below firebase-admin. It knows Google's address alone: the agent leads it to another. */
export function createFetchToken({ clientEmail, privateKey }: ServiceAccount, endpoint: TokenEndpoint): FetchToken {
  const { hostname, port } = new URL(endpoint.url);
  const serverName = isIP(hostname) ? {} : { servername: hostname };
  const address = { host: hostname, port: Number(port || 443), ALPNProtocols: ["http/1.1"], ...serverName };
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = () => connect(endpoint.ca === undefined ? address : { ...address, ca: endpoint.ca });
  return async () => {
    // A client keeps its token, and would hand out the same one again.
    const client = new JWT({ email: clientEmail, key: privateKey, scopes: [SCOPE], transporterOptions: { agent } });
    const { access_token: value, expiry_date: expiresAt } = await client.authorize();
    if (!value || !expiresAt) throw new Error("Google's answer holds no access token");
    return { value, expiresAt };
  };
}

/** The token cannot be had because the service account is wrong, and not because Google is out of reach. */
export class BadServiceAccountError extends Error {
  override readonly name = "BadServiceAccountError";
}

const RENEW_AT_SHARE_OF_LIFE = 0.5;
const RENEW_PAUSE_MS = 5_000;

/** Google's access token: fetched once for all, renewed in the background from half its life on, used to its end. */
export class AccessToken {
  readonly #fetchToken: FetchToken;
  readonly #clock: Clock;
  #token: { readonly value: string; readonly renewAt: number; readonly endsAt: number } | undefined;
  #fetching: Promise<string> | undefined;
  #lastTry = -Infinity;

  constructor(fetchToken: FetchToken, clock: Clock) {
    this.#fetchToken = fetchToken;
    this.#clock = clock;
  }

  /** Rejects where there is no token to be had: with BadServiceAccountError if waiting will not help. */
  async read(): Promise<string> {
    const now = this.#clock();
    const token = this.#token;
    if (token === undefined || now >= token.endsAt) return this.#fetch();
    if (now >= token.renewAt && now - this.#lastTry >= RENEW_PAUSE_MS) this.#fetch().catch(() => undefined);
    return token.value;
  }

  /** Google refused it: the next one is new. */
  expire(value: string): void {
    if (this.#token?.value === value) this.#token = undefined;
  }

  #fetch(): Promise<string> {
    this.#fetching ??= this.#request().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #request(): Promise<string> {
    this.#lastTry = this.#clock();
    const { value, expiresAt: endsAt } = await this.#fetchToken().catch(rethrow);
    this.#token = { value, endsAt, renewAt: this.#lastTry + (endsAt - this.#lastTry) * RENEW_AT_SHARE_OF_LIFE };
    return value;
  }
}

function rethrow(error: unknown): never {
  if (error instanceof Error && /invalid_grant|invalid_client|unauthorized_client/.test(error.message)) {
    throw new BadServiceAccountError("Google does not accept the service account", { cause: error });
  }
  throw error;
}
