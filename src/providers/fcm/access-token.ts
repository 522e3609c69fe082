import type { Clock } from "../../gateway/clock.ts";
import type { Sleep } from "../../gateway/sleep.ts";
import type { GoogleRoute } from "../google/channel.ts";
import {
  BadServiceAccountError,
  createFetchToken,
  readFetchFailure,
  type FetchToken,
  type ServiceAccount,
} from "./credentials.ts";
import { compact } from "../../push/compact.ts";

const RENEW_AT_SHARE_OF_LIFE = 0.5;
/** Google's client has no time limit that a call could live with. */
const FETCH_TIMEOUT_MS = 5_000;
/** Between fetches that cannot be urgent: a token lives, or a new one was refused as well. */
const LONG_PAUSE_MS = 5_000;
/** After a failure: thousands of pushes must not become as many requests for a token. */
const SHORT_PAUSE_MS = 500;
/** How often it is tried without a push that needs a token, so that the trouble is known to be over. */
const TRY_AGAIN_MS = 10_000;
/** A single failed fetch does no harm while a token is still valid. */
const FAILURES_TO_TELL = 2;

interface LivingToken {
  readonly value: string;
  readonly renewAt: number;
  readonly endsAt: number;
}

/** Told what is wrong, in words without secrets; undefined: nothing. */
export type WatchToken = (trouble: string | undefined) => void;

/** Google has handed out a token and does not take it: another one would fare no better for now. */
export class RefusedTokenError extends Error {
  override readonly name = "RefusedTokenError";
}

export interface AccessTokenDeps {
  readonly fetchToken: FetchToken;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly fetchTimeoutMs?: number;
}

/** Google's access token: fetched once for all, renewed in the background from half its life on, used to its end. */
export class AccessToken implements Disposable {
  readonly #deps: AccessTokenDeps;
  readonly #stop = new AbortController();
  readonly #watchers = new Set<WatchToken>();
  #token: LivingToken | undefined;
  #fetching: Promise<string> | undefined;
  /** Of tokens, one after the other, since Google took one. */
  #refusals = 0;
  /** No fetch before this; until then the failure stands. */
  #mayFetchAt = -Infinity;
  #failure: Error = new Error("no token was fetched yet");
  #failures = 0;
  #trouble: string | undefined;
  #isTrying = false;

  constructor(deps: AccessTokenDeps) {
    this.#deps = deps;
  }

  /** Rejects if no token can be obtained: with BadServiceAccountError if waiting will not help. */
  async read(): Promise<string> {
    const now = this.#deps.clock();
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
    if (this.#token?.value === value) this.#refusals = 0;
  }

  /** Google refused it: the next one is new. It comes at once, unless the one before was refused as well. */
  expire(value: string): void {
    if (this.#token?.value !== value) return;
    this.#token = undefined;
    this.#refusals += 1;
    if (this.#refusals < 2) return;
    this.#pause(LONG_PAUSE_MS, new RefusedTokenError("Google refuses even a new access token"));
  }

  /** Tells at once how it stands, and then each change, until the answer is called. While somebody watches, a fetch that failed is tried again. */
  watch(watcher: WatchToken): () => void {
    this.#watchers.add(watcher);
    watcher(this.#trouble);
    return () => void this.#watchers.delete(watcher);
  }

  /** Ends a fetch under way. */
  [Symbol.dispose](): void {
    this.#watchers.clear();
    this.#stop.abort();
  }

  #fetch(): Promise<string> {
    this.#fetching ??= this.#request().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #request(): Promise<string> {
    const { fetchToken, clock, fetchTimeoutMs = FETCH_TIMEOUT_MS } = this.#deps;
    const startedAt = clock();
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(fetchTimeoutMs)]);
      const { value, lifeMs } = await fetchToken(signal);
      this.#token = { value, endsAt: startedAt + lifeMs, renewAt: startedAt + lifeMs * RENEW_AT_SHARE_OF_LIFE };
      this.#failures = 0;
      this.#tell(undefined);
      return value;
    } catch (error) {
      this.#failed(readFetchFailure(error));
      throw this.#failure;
    }
  }

  #failed(failure: Error): void {
    const { clock } = this.#deps;
    const endsAt = this.#token?.endsAt ?? -Infinity;
    const isUrgent = this.#token === undefined && !(failure instanceof BadServiceAccountError);
    this.#pause(isUrgent ? SHORT_PAUSE_MS : LONG_PAUSE_MS, failure);
    this.#failures += 1;
    if (this.#stop.signal.aborted) return;
    if (this.#failures >= FAILURES_TO_TELL || endsAt <= clock()) this.#tell(describeTrouble(failure, endsAt, clock()));
    void this.#tryAgain();
  }

  /** A push may have done so meanwhile. */
  async #tryAgain(): Promise<void> {
    if (this.#isTrying) return;
    this.#isTrying = true;
    await this.#deps.sleep(TRY_AGAIN_MS, this.#stop.signal);
    this.#isTrying = false;
    if (this.#failures > 0 && this.#watchers.size > 0) await this.#fetch().catch(() => undefined);
  }

  #pause(ms: number, failure: Error): void {
    this.#mayFetchAt = this.#deps.clock() + ms;
    this.#failure = failure;
  }

  #tell(trouble: string | undefined): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    for (const watcher of this.#watchers) watcher(trouble);
  }
}

/** The account of a token, and the server that issues it. */
interface TokenQuestion extends GoogleRoute {
  readonly serviceAccount: ServiceAccount;
  readonly tokenEndpoint: string;
}

/** One token for each service account and endpoint, whichever apps share it, and however often the configuration is read again. */
export class AccessTokens implements Disposable {
  readonly #deps: Omit<AccessTokenDeps, "fetchToken">;
  readonly #tokens = new Map<string, AccessToken>();

  constructor(deps: Omit<AccessTokenDeps, "fetchToken">) {
    this.#deps = deps;
  }

  of({ serviceAccount, tokenEndpoint: url, ca, proxy }: TokenQuestion): AccessToken {
    const id = JSON.stringify([serviceAccount.clientEmail, serviceAccount.privateKey, url, ca, proxy]);
    const known = this.#tokens.get(id);
    if (known !== undefined) return known;
    const route = compact({ ca, proxy });
    const fetchToken = createFetchToken(serviceAccount, { url, ...route });
    const token = new AccessToken({ ...this.#deps, fetchToken });
    this.#tokens.set(id, token);
    return token;
  }

  /** Ends fetches under way. */
  [Symbol.dispose](): void {
    for (const token of this.#tokens.values()) token[Symbol.dispose]();
  }
}

/** Without the error's message: Google's client likes to repeat what it sent. */
function describeTrouble(failure: Error, endsAt: number, now: number): string {
  const until = endsAt > now ? `the one in use lives until ${new Date(endsAt).toISOString()}` : "pushes to Google wait";
  if (failure instanceof BadServiceAccountError) {
    return `Google refuses the service account, ${until}. Create a new key for it in the Firebase console, and replace the old one with it.`;
  }
  const code: unknown = Reflect.get(failure, "code") ?? Reflect.get(failure, "status") ?? failure.name;
  return `Google's token endpoint gives no access token (${String(code)}), ${until}. Look whether this machine reaches it.`;
}
