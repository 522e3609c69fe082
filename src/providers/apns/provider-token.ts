import { importPKCS8, SignJWT } from "jose";
import type { Clock } from "../../gateway/clock.ts";
import type { ApnsTokenKey } from "./credentials.ts";

/**
 * Apple refuses a token older than an hour, and a new one more often than every 20 minutes:
 * https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
 */
const RENEW_AFTER_MS = 45 * 60_000;
const SHORTEST_LIFE_MS = 20 * 60_000;
/** Where Apple does not want a new one yet. */
const LONGEST_LIFE_MS = 57 * 60_000;

interface SignedToken {
  readonly signedAt: number;
  readonly lifeMs: number;
  readonly signing: Promise<string>;
  /** Once it is signed. */
  text?: string;
}

/** The JWT that goes with every request, signed anew from time to time; one for all connections of a key. */
export class ProviderToken {
  readonly #credentials: ApnsTokenKey;
  readonly #clock: Clock;
  #current: SignedToken | undefined;
  #older: SignedToken | undefined;

  constructor(credentials: ApnsTokenKey, clock: Clock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** Rejects if nothing can be signed with the key. */
  read(): Promise<string> {
    if (this.#current === undefined || this.#ageOf(this.#current) >= this.#current.lifeMs) {
      this.#older = this.#current;
      this.#current = this.#sign();
    }
    return this.#current.signing;
  }

  /** Apple called this one expired: the next is new. But not where it has been replaced already, or is too young for that. */
  expire(token: string): void {
    if (this.#current?.text === token && this.#ageOf(this.#current) >= SHORTEST_LIFE_MS) this.#current = undefined;
  }

  /** Apple found that this one came too soon after the one before, which serves a little longer if it still can. */
  keepOlder(token: string): void {
    const older = this.#older;
    if (this.#current?.text !== token || older === undefined || this.#ageOf(older) >= LONGEST_LIFE_MS) return;
    this.#current = { ...older, lifeMs: LONGEST_LIFE_MS };
    this.#older = undefined;
  }

  /** The clock may have been put back by hours. */
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
 * One token for each key, whichever apps and domains share it, and however often the configuration is read again: Apple counts by team
 * and key. Those of keys that are no longer configured are kept too; they are a few bytes, and such a key may come back.
 */
export class ProviderTokens {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, ProviderToken>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(credentials: ApnsTokenKey): ProviderToken {
    const { teamId, keyId, key } = credentials;
    // With the key itself: a wrong file that was mended under the same id must not wait for 45 minutes.
    const id = JSON.stringify([teamId, keyId, key]);
    const token = this.#tokens.get(id) ?? new ProviderToken(credentials, this.#clock);
    this.#tokens.set(id, token);
    return token;
  }
}
