import { importPKCS8, SignJWT } from "jose";
import type { Clock } from "../../gateway/clock.ts";
import type { ApnsTokenKey } from "./credentials.ts";

/**
 * Apple refuses a token older than an hour, and a new one more often than every 20 minutes:
 * https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
 */
const RENEW_AFTER_MS = 45 * 60_000;
const SHORTEST_LIFE_MS = 20 * 60_000;
/** Longest life if Apple does not accept a new one yet. */
const LONGEST_LIFE_MS = 57 * 60_000;

interface SignedToken {
  readonly signedAt: number;
  readonly lifeMs: number;
  readonly signing: Promise<string>;
  /** Set when it has been signed. */
  text?: string;
}

/** The JWT for every request, renewed from time to time. All connections of a key share it. */
export class ProviderToken {
  readonly #credentials: ApnsTokenKey;
  readonly #clock: Clock;
  #current: SignedToken | undefined;
  #older: SignedToken | undefined;

  constructor(credentials: ApnsTokenKey, clock: Clock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** Rejects if the key cannot sign. */
  read(): Promise<string> {
    if (this.#current === undefined || this.#ageOf(this.#current) >= this.#current.lifeMs) {
      this.#older = this.#current;
      this.#current = this.#sign();
    }
    return this.#current.signing;
  }

  /**
   * Call when Apple called the token expired, so that the next one is new. Ignored if the token was replaced already,
   * or is too young.
   */
  expire(token: string): void {
    if (this.#current?.text === token && this.#ageOf(this.#current) >= SHORTEST_LIFE_MS) this.#current = undefined;
  }

  /**
   * Call when Apple found the token too soon after the previous one, which is then used a little longer if it is still
   * valid.
   */
  keepOlder(token: string): void {
    const older = this.#older;
    if (this.#current?.text !== token || older === undefined || this.#ageOf(older) >= LONGEST_LIFE_MS) return;
    this.#current = { ...older, lifeMs: LONGEST_LIFE_MS };
    this.#older = undefined;
  }

  /** The clock may have been set back by hours. */
  #ageOf({ signedAt }: SignedToken): number {
    return Math.abs(this.#clock() - signedAt);
  }

  #sign(): SignedToken {
    const signedAt = this.#clock();
    const signed: SignedToken = { signedAt, lifeMs: RENEW_AFTER_MS, signing: this.#signAt(signedAt) };
    signed.signing.then(
      (text) => (signed.text = text),
      () => undefined,
    );
    return signed;
  }

  async #signAt(instant: number): Promise<string> {
    const { key, keyId, teamId } = this.#credentials;
    const issuedAt = Math.floor(instant / 1000);
    const signer = new SignJWT({ iss: teamId, iat: issuedAt }).setProtectedHeader({ alg: "ES256", kid: keyId });
    return signer.sign(await importPKCS8(key, "ES256"));
  }
}

/**
 * One token per key, whichever apps and domains share it, and however often the configuration is reloaded, because
 * Apple counts by team and key. Tokens of keys that are no longer configured are kept: they are small, and such a key
 * may come back.
 */
export class ProviderTokens {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, ProviderToken>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(credentials: ApnsTokenKey): ProviderToken {
    const { teamId, keyId, key } = credentials;
    // Includes the key itself: a wrong file that was corrected under the same id must not wait for 45 minutes.
    const id = JSON.stringify([teamId, keyId, key]);
    const token = this.#tokens.get(id) ?? new ProviderToken(credentials, this.#clock);
    this.#tokens.set(id, token);
    return token;
  }
}
