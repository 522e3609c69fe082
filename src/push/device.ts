import type { Aor } from "./address.ts";
import type { SipBinding } from "./shared-token.ts";

export const PROVIDERS = ["apns", "fcm", "gcm"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export const ENVIRONMENTS = ["production", "sandbox"] as const;
/** Which of Apple's two push services issued the token; without meaning for Google. */
export type Environment = (typeof ENVIRONMENTS)[number];

export const TOKEN_KINDS = ["voip", "remote", "registration", "fid", "ios_registration", "ios_fid"] as const;
/**
 * `voip`: an iPhone's PushKit token, for calls alone. `remote`: its token for alerts and background pushes.
 * `registration`: the one token of an Android app. `fid`: its Firebase installation id, which takes the place of the token in newer apps.
 * `ios_registration`, `ios_fid`: the same of an app on an iPhone that is reached by way of Firebase.
 */
export type TokenKind = (typeof TOKEN_KINDS)[number];

export type DeviceTokens = Readonly<Partial<Record<TokenKind, string>>>;

export const OSES = ["android", "ios"] as const;
/** What a phone with Firebase runs; it decides how a push to it is written. */
export type Os = (typeof OSES)[number];

/** 22 characters of base64url whose first four bits are 0111; a registration token is longer and has a colon. */
const FID = /^[cdef][A-Za-z0-9_-]{21}$/;

export function isFid(text: string): boolean {
  return FID.test(text);
}

/** Under which kind a token of Firebase is kept; a value that is plainly an installation id is recognised as one. */
export function kindOfFirebaseToken(token: string, os: Os = "android"): TokenKind {
  const kind = isFid(token) ? "fid" : "registration";
  return os === "ios" ? `ios_${kind}` : kind;
}

/** Whether an iPhone is called by an alert through this token, and not by CallKit. */
export function isAlertToken(kind: TokenKind): boolean {
  return kind === "remote" || isIosByFirebase(kind);
}

/** An iPhone's Firebase token, or its installation id. */
export function isIosByFirebase(kind: TokenKind): boolean {
  return kind === "ios_registration" || kind === "ios_fid";
}

/** Undefined for phones that are reached otherwise. */
export function readOs({ provider, tokens }: Pick<Device, "provider" | "tokens">): Os | undefined {
  if (provider !== "fcm") return undefined;
  return Object.keys(tokens).some((kind) => kind.startsWith("ios_")) ? "ios" : "android";
}

/** `undefined`, `BLACKLISTED`, `<unknown>`: a word that a program wrote because it has no token. Tokens hold digits or both cases. */
const WORD = /^[<(_]*(?:[A-Z]?[a-z]+|[A-Z]+)(?:[_ -](?:[a-z]+|[A-Z]+))?[>)_]*$/;
const LONGEST_WORD = 24;

/**
 * Apple's tokens are bytes in hex, and their length is Apple's to change; an app may have sent what `NSData` prints, `<a1b2c3d4 …>`.
 * Google's are printable text. Undefined if it cannot be a token.
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

/** One installation of the app of one subscriber. */
export interface Device {
  readonly subscriber: Aor;
  /** Unique for the subscriber; the app chooses it. */
  readonly id: string;
  readonly provider: ProviderName;
  readonly tokens: DeviceTokens;
  readonly environment: Environment;
  /** Epoch milliseconds at which Apple was found to know the tokens in `environment`; absent where the app's word stands. */
  readonly environmentLearnedAt?: number;
  /** Bundle id or package name; where it is absent the domain's app is meant. */
  readonly app?: string;
  /** What a person calls the phone. */
  readonly name?: string;
  /** Epoch milliseconds. */
  readonly registeredAt: number;
  /** The SIP registration that it was learned from, if that names an instance and an expiry. */
  readonly binding?: SipBinding;
}

/** Where a phone is reached, whoever it belongs to. */
export type PhoneAddress = Pick<Device, "provider" | "tokens" | "environment" | "app">;

export type LearnedEnvironment = Required<Pick<Device, "environment" | "environmentLearnedAt">>;

/**
 * What is known of a device that registers once more. A token belongs to one environment for as long as it lives, so that
 * what Apple has shown of it outweighs what the app goes on saying.
 */
export function keepLearnedEnvironment(device: Device, before: Device | undefined): LearnedEnvironment | undefined {
  if (before?.environmentLearnedAt === undefined || before.provider !== device.provider) return undefined;
  const known = new Set(Object.values(before.tokens));
  if (!Object.values(device.tokens).some((token) => known.has(token))) return undefined;
  return { environment: before.environment, environmentLearnedAt: before.environmentLearnedAt };
}

/** A device token as it may appear in a log: enough to recognise it, too little to use it. */
export function shortenToken(token: string): string {
  return token.length <= 12 ? `${token.slice(0, 2)}…` : `${token.slice(0, 6)}…${token.slice(-4)}`;
}

/** The app of a topic for messages or for calls: `.voip` is Apple's name of the second, and not part of the bundle id. */
export function bundleIdOf(topic: string): string {
  return topic.replace(/\.voip$/i, "");
}
