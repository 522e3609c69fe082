import { Agent } from "node:https";
import { connect } from "node:tls";
import { cert, type Credential } from "firebase-admin/app";
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

const GOOGLE_TOKEN_HOST = "oauth2.googleapis.com";

/** firebase-admin's credential; its requests go to `endpoint`, since the package knows Google's address alone. */
export function createCredential(account: ServiceAccount, endpoint: TokenEndpoint): Credential {
  const { hostname, port } = new URL(endpoint.url);
  if (hostname === GOOGLE_TOKEN_HOST && endpoint.ca === undefined) return cert({ ...account });
  const agent = new Agent({ keepAlive: false });
  const ca = endpoint.ca === undefined ? {} : { ca: endpoint.ca };
  agent.createConnection = () => connect({ host: hostname, port: Number(port || 443), servername: hostname, ...ca });
  return cert({ ...account }, agent);
}

/** The token cannot be had because the service account is wrong, and not because Google is out of reach. */
export class BadServiceAccountError extends Error {
  override readonly name = "BadServiceAccountError";
}

const RENEW_AT_SHARE_OF_LIFE = 0.5;
const RENEW_PAUSE_MS = 5_000;

/** Google's access token: fetched once for all, renewed in the background from half its life on, used to its end. */
export class AccessToken {
  readonly #credential: Credential;
  readonly #clock: Clock;
  #token: { readonly value: string; readonly renewAt: number; readonly endsAt: number } | undefined;
  #fetching: Promise<string> | undefined;
  #lastTry = -Infinity;

  constructor(credential: Credential, clock: Clock) {
    this.#credential = credential;
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
    const { access_token: value, expires_in: seconds } = await this.#credential.getAccessToken().catch(rethrow);
    const lifeMs = seconds * 1000;
    this.#token = {
      value,
      renewAt: this.#lastTry + lifeMs * RENEW_AT_SHARE_OF_LIFE,
      endsAt: this.#lastTry + lifeMs,
    };
    return value;
  }
}

function rethrow(error: unknown): never {
  if (error instanceof Error && /invalid_grant|invalid_client|unauthorized_client/.test(error.message)) {
    throw new BadServiceAccountError("Google does not accept the service account", { cause: error });
  }
  throw error;
}
