import { importPKCS8, SignJWT } from "jose";
import type { Clock } from "../../gateway/clock.ts";
import type { ApnsTokenKey } from "./credentials.ts";

/**
 * Apple refuses a token older than an hour, and a new one more often than every 20 minutes:
 * https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
 */
const RENEW_AFTER_MS = 45 * 60_000;
const SHORTEST_LIFE_MS = 20 * 60_000;

/** The JWT that goes with every request, signed anew from time to time; one for all connections of a key. */
export class ProviderToken {
  readonly #credentials: ApnsTokenKey;
  readonly #clock: Clock;
  #signedAt = -Infinity;
  #signing: Promise<string> | undefined;
  /** What was signed last. */
  #token: string | undefined;

  constructor(credentials: ApnsTokenKey, clock: Clock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** Rejects if nothing can be signed with the key. */
  read(): Promise<string> {
    if (this.#signing === undefined || this.#age() >= RENEW_AFTER_MS) this.#signing = this.#sign();
    return this.#signing;
  }

  /** Apple called this one expired: the next is new. But not where it has been replaced already, or is too young for that. */
  expire(token: string): void {
    if (this.#token === token && this.#age() >= SHORTEST_LIFE_MS) this.#signing = undefined;
  }

  /** The clock may have been put back by hours. */
  #age(): number {
    return Math.abs(this.#clock() - this.#signedAt);
  }

  async #sign(): Promise<string> {
    const { key, keyId, teamId } = this.#credentials;
    this.#signedAt = this.#clock();
    const issuedAt = Math.floor(this.#signedAt / 1000);
    const signer = new SignJWT({ iss: teamId, iat: issuedAt }).setProtectedHeader({ alg: "ES256", kid: keyId });
    this.#token = await signer.sign(await importPKCS8(key, "ES256"));
    return this.#token;
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
