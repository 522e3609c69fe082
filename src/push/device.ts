import type { Aor } from "./address.ts";
import type { SipBinding } from "./shared-token.ts";

/** Name of a push service, one of `providers/registry.ts`. Requests and settings are checked against that list. */
export type ProviderName = string;

export const ENVIRONMENTS = ["production", "sandbox"] as const;
/** Apple's push service that issued the token; without meaning for Google. */
export type Environment = (typeof ENVIRONMENTS)[number];

export const TOKEN_KINDS = ["voip", "remote", "registration", "fid", "ios_registration", "ios_fid"] as const;
/**
 * Kind of a token.
 * - `voip`: an iPhone's PushKit token, for calls only.
 * - `remote`: an iPhone's token for alerts and background pushes.
 * - `registration`: the token of an Android app.
 * - `fid`: the Firebase installation id of an Android app, which newer apps have instead of the token.
 * - `ios_registration`, `ios_fid`: the same for an app on an iPhone that is reached through Firebase.
 */
export type TokenKind = (typeof TOKEN_KINDS)[number];

export type DeviceTokens = Readonly<Partial<Record<TokenKind, string>>>;

export const OSES = ["android", "ios"] as const;
/** Operating system of a phone with Firebase. It decides the form of a push. */
export type Os = (typeof OSES)[number];

/** 22 characters of base64url whose first four bits are 0111; a registration token is longer and has a colon. */
const FID = /^[cdef][A-Za-z0-9_-]{21}$/;

export function isFid(text: string): boolean {
  return FID.test(text);
}

/** Returns the kind of a Firebase token. A value that is certainly an installation id is recognised as one. */
export function kindOfFirebaseToken(token: string, os: Os = "android"): TokenKind {
  const kind = isFid(token) ? "fid" : "registration";
  return os === "ios" ? `ios_${kind}` : kind;
}

/** Returns true if calls reach an iPhone through this token by an alert, not by CallKit. */
export function isAlertToken(kind: TokenKind): boolean {
  return kind === "remote" || isIosByFirebase(kind);
}

/** Returns true for an iPhone's Firebase token or installation id. */
export function isIosByFirebase(kind: TokenKind): boolean {
  return kind === "ios_registration" || kind === "ios_fid";
}

/** Returns undefined for phones without Firebase. */
export function readOs({ provider, tokens }: Pick<Device, "provider" | "tokens">): Os | undefined {
  if (provider !== "fcm") return undefined;
  return Object.keys(tokens).some((kind) => kind.startsWith("ios_")) ? "ios" : "android";
}

/**
 * `undefined`, `BLACKLISTED`, `<unknown>`: placeholders of programs without a token. Real tokens contain digits or both
 * cases.
 */
const WORD = /^[<(_]*(?:[A-Z]?[a-z]+|[A-Z]+)(?:[_ -](?:[a-z]+|[A-Z]+))?[>)_]*$/;
const LONGEST_WORD = 24;

/**
 * Returns the canonical token, or undefined if the text cannot be one. Apple's tokens are hex bytes of any length; an
 * app may have sent the output of `NSData`, `<a1b2c3d4 …>`. Google's are printable text.
 */
export function readToken(kind: TokenKind, text: string): string | undefined {
  if (kind === "fid" || kind === "ios_fid") return isFid(text) ? text : undefined;
  if (kind === "registration" || kind === "ios_registration") {
    const token = text.trim();
    const isWord = token.length <= LONGEST_WORD && WORD.test(token);
    return !isWord && /^[\x21-\x7e]{8,4096}$/.test(token) ? token : undefined;
  }
  const token = text.replace(/[<>\s]/g, "").toLowerCase();
  return /^(?:[0-9a-f]{2}){4,200}$/.test(token) ? token : undefined;
}

/** One installation of one subscriber's app. */
export interface Device {
  readonly subscriber: Aor;
  /** Unique per subscriber; chosen by the app. */
  readonly id: string;
  readonly provider: ProviderName;
  readonly tokens: DeviceTokens;
  readonly environment: Environment;
  /**
   * Epoch milliseconds at which Apple was found to know the tokens in `environment`; undefined if the app's own value
   * applies.
   */
  readonly environmentLearnedAt?: number;
  /** Bundle id or package name; undefined for the domain's app. */
  readonly app?: string;
  /** Name that the user gave the phone. */
  readonly name?: string;
  /** Epoch milliseconds. */
  readonly registeredAt: number;
  /** The SIP registration that the device was learned from, if it states an instance and an expiry. */
  readonly binding?: SipBinding;
  /** The SIP URI of that registration, without what wakes the phone. */
  readonly contact?: string;
}

/** Provider address of a phone, regardless of its owner. */
export type PhoneAddress = Pick<Device, "provider" | "tokens" | "environment" | "app">;

export type LearnedEnvironment = Required<Pick<Device, "environment" | "environmentLearnedAt">>;

/**
 * Returns the learned environment of a device that registers again. A token belongs to one environment for life, so
 * Apple's answer outweighs what the app repeats.
 */
export function keepLearnedEnvironment(device: Device, before: Device | undefined): LearnedEnvironment | undefined {
  if (before?.environmentLearnedAt === undefined || before.provider !== device.provider) return undefined;
  const known = new Set(Object.values(before.tokens));
  if (!Object.values(device.tokens).some((token) => known.has(token))) return undefined;
  return { environment: before.environment, environmentLearnedAt: before.environmentLearnedAt };
}

/** Shortens a token for the log: enough to recognise it, too little to use it. */
export function shortenToken(token: string): string {
  return token.length <= 12 ? `${token.slice(0, 2)}…` : `${token.slice(0, 6)}…${token.slice(-4)}`;
}

/** Returns the bundle id of a topic, without Apple's suffix `.voip` for calls. */
export function bundleIdOf(topic: string): string {
  return topic.replace(/\.voip$/i, "");
}
