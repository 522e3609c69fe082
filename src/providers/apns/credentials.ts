import { importPKCS8, SignJWT } from "jose";
import type { Clock } from "../../gateway/clock.ts";

/** A certificate from Apple with its key, both PEM. */
export interface ApnsCertificate {
  readonly kind: "certificate";
  readonly certificate: string;
  readonly key: string;
  readonly passphrase?: string;
  /** What the certificate may push to, e.g. `org.example.phone` and `org.example.phone.voip`. */
  readonly topics: readonly string[];
}

/** A key from Apple's developer site (`AuthKey_XXXXXXXXXX.p8`), PEM. */
export interface ApnsTokenKey {
  readonly kind: "token";
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export type ApnsCredentials = ApnsCertificate | ApnsTokenKey;

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
  #token: Promise<string> | undefined;

  constructor(credentials: ApnsTokenKey, clock: Clock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** Rejects if nothing can be signed with the key. */
  read(): Promise<string> {
    if (this.#token === undefined || this.#age() >= RENEW_AFTER_MS) this.#token = this.#sign();
    return this.#token;
  }

  /** Apple called it expired. True if the next one is new: one that is too young must not be replaced. */
  expire(): boolean {
    if (this.#token === undefined || this.#age() < SHORTEST_LIFE_MS) return false;
    this.#token = undefined;
    return true;
  }

  #age(): number {
    return this.#clock() - this.#signedAt;
  }

  async #sign(): Promise<string> {
    const { key, keyId, teamId } = this.#credentials;
    this.#signedAt = this.#clock();
    const issuedAt = Math.floor(this.#signedAt / 1000);
    const signer = new SignJWT({ iss: teamId, iat: issuedAt }).setProtectedHeader({ alg: "ES256", kid: keyId });
    return signer.sign(await importPKCS8(key, "ES256"));
  }
}
