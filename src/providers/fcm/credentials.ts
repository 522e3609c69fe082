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

/** Fetches a token from Google; `signal` ends the attempt. */
export type FetchToken = (signal: AbortSignal) => Promise<{ readonly value: string; readonly lifeMs: number }>;

/** Google's own client, the one below firebase-admin. It knows Google's address alone: the agent leads it to another. */
export function createFetchToken({ clientEmail, privateKey }: ServiceAccount, endpoint: TokenEndpoint): FetchToken {
  const { hostname, port } = new URL(endpoint.url);
  const serverName = isIP(hostname) ? {} : { servername: hostname };
  const address = { host: hostname, port: Number(port || 443), ALPNProtocols: ["http/1.1"], ...serverName };
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = () => connect(endpoint.ca === undefined ? address : { ...address, ca: endpoint.ca });
  return async (signal) => {
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

const RENEW_AT_SHARE_OF_LIFE = 0.5;
/** Google's client has no time limit that a call could live with. */
const FETCH_TIMEOUT_MS = 5_000;
/** Between fetches that cannot be urgent: a token lives, or a new one was refused as well. */
const LONG_PAUSE_MS = 5_000;
/** After a failure: thousands of pushes must not become as many requests for a token. */
const SHORT_PAUSE_MS = 500;

interface LivingToken {
  readonly value: string;
  readonly renewAt: number;
  readonly endsAt: number;
}

/** Google's access token: fetched once for all, renewed in the background from half its life on, used to its end. */
export class AccessToken implements Disposable {
  readonly #fetchToken: FetchToken;
  readonly #clock: Clock;
  readonly #fetchTimeoutMs: number;
  readonly #stop = new AbortController();
  #token: LivingToken | undefined;
  #fetching: Promise<string> | undefined;
  /** A token with which nothing was sent yet. */
  #unproven: string | undefined;
  /** No fetch before this; until then the failure stands. */
  #mayFetchAt = -Infinity;
  #failure: Error = new Error("no token was fetched yet");

  constructor(fetchToken: FetchToken, clock: Clock, fetchTimeoutMs = FETCH_TIMEOUT_MS) {
    this.#fetchToken = fetchToken;
    this.#clock = clock;
    this.#fetchTimeoutMs = fetchTimeoutMs;
  }

  /** Rejects where there is no token to be had: with BadServiceAccountError if waiting will not help. */
  async read(): Promise<string> {
    const now = this.#clock();
    const token = this.#token;
    if (this.#fetching === undefined && now < this.#mayFetchAt) {
      if (token !== undefined && now < token.endsAt) return token.value;
      throw this.#failure;
    }
    if (token === undefined || now >= token.endsAt) return this.#fetch();
    if (now >= token.renewAt) this.#fetch().catch(() => undefined);
    return token.value;
  }

  /** Google took it. */
  confirm(value: string): void {
    if (this.#unproven === value) this.#unproven = undefined;
  }

  /** Google refused it: the next one is new. It comes at once, unless this one never worked. */
  expire(value: string): void {
    if (this.#token?.value !== value) return;
    this.#token = undefined;
    if (this.#unproven === value) this.#pause(LONG_PAUSE_MS, new Error("Google refuses even a new access token"));
  }

  /** Ends a fetch under way. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  #fetch(): Promise<string> {
    this.#fetching ??= this.#request().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #request(): Promise<string> {
    const startedAt = this.#clock();
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#fetchTimeoutMs)]);
      const { value, lifeMs } = await this.#fetchToken(signal);
      this.#token = { value, endsAt: startedAt + lifeMs, renewAt: startedAt + lifeMs * RENEW_AT_SHARE_OF_LIFE };
      this.#unproven = value;
      return value;
    } catch (error) {
      const failure = readFailure(error);
      const isUrgent = this.#token === undefined && !(failure instanceof BadServiceAccountError);
      this.#pause(isUrgent ? SHORT_PAUSE_MS : LONG_PAUSE_MS, failure);
      throw failure;
    }
  }

  #pause(ms: number, failure: Error): void {
    this.#mayFetchAt = this.#clock() + ms;
    this.#failure = failure;
  }
}

/** OAuth's words for an account that is wrong, and OpenSSL's for a key that is none. */
const BAD_ACCOUNT = /invalid_grant|invalid_client|invalid_scope|unauthorized_client|DECODER routines|ERR_OSSL/;

function readFailure(error: unknown): Error {
  const text = error instanceof Error ? `${error.message} ${String(Reflect.get(error, "code"))}` : String(error);
  if (BAD_ACCOUNT.test(text))
    return new BadServiceAccountError("Google does not accept the service account", { cause: error });
  return error instanceof Error ? error : new Error(text);
}
