import type { ContactTrouble } from "../gateway/contact-reading.ts";
import {
  bundleIdOf,
  kindOfFirebaseToken,
  readToken,
  type DeviceTokens,
  type Environment,
  type Os,
  type PhoneAddress,
  type TokenKind,
} from "../push/device.ts";
import { compact } from "../push/compact.ts";

/** A phone as other software describes it, or why it cannot be read, in words for the operator. */
export type PhoneReading =
  | { readonly kind: "phone"; readonly phone: PhoneAddress }
  | { readonly kind: "unreadable"; readonly trouble: ContactTrouble; readonly reason: string };

type Platform = "apple" | "google";

/** All names of Apple's or Google's service that were seen in a request or a Contact. */
const PLATFORMS: ReadonlyMap<string, Platform> = new Map([
  ...["apns", "apns.dev", "apns.voip", "apple", "ios", "iphone", "1"].map((name) => [name, "apple"] as const),
  ...["fcm", "firebase", "android", "google", "gcm", "2"].map((name) => [name, "google"] as const),
]);

/** Returns undefined for other services, such as `webpush` and Microsoft's `wp`. */
export function readPlatform(name: string): Platform | undefined {
  return PLATFORMS.get(name.trim().toLowerCase());
}

/** Decides by the form of the token: Apple's are hex, Google's never were. */
export function guessPlatform(token: string): Platform {
  return readToken("remote", token) === undefined ? "google" : "apple";
}

export function unreadable(trouble: ContactTrouble, reason: string): PhoneReading {
  return { kind: "unreadable", trouble, reason };
}

export interface Rfc8599Parameters {
  readonly provider: string;
  readonly param?: string | undefined;
  readonly prid?: string | undefined;
  /** Operating system, if the app states it in addition to Firebase. */
  readonly os?: Os | undefined;
}

/**
 * Reads RFC 8599's parameters with Flexisip's additions: `apns.dev` is the sandbox; `pn-param` ends in the services,
 * such as `.remote&voip`; `pn-prid` has a token for each, `TOKEN:remote&TOKEN:voip`. If both name services, those at
 * the tokens count.
 */
export function readRfc8599({ provider, param = "", prid = "", os }: Rfc8599Parameters): PhoneReading {
  if (prid === "") return unreadable("no_token", "pn-prid, the device token, is missing");
  switch (readPlatform(provider)) {
    case undefined:
      return unreadable("unknown_provider", `the push service "${provider.slice(0, 40)}" is not supported`);
    case "google":
      return readGoogle(prid, os);
    case "apple":
      return readApns(provider, param, prid);
  }
}

/** `pn-param` is the Firebase project, which the configuration knows. Some apps leave a separator after their token. */
function readGoogle(token: string, os: Os | undefined): PhoneReading {
  return buildPhone("google", { registration: /^(.*?)[:&]*$/s.exec(token.trim())?.[1] ?? "" }, { os });
}

const SERVICES = new Set<string>(["voip", "remote"]);

interface LabelledToken {
  readonly token: string;
  /** Undefined if nothing follows the token. */
  readonly service: string | undefined;
}

function readApns(provider: string, param: string, prid: string): PhoneReading {
  const { app, services } = readApnsParam(param, /\.voip$/i.test(provider) ? "voip" : "remote");
  const given = prid
    .split("&")
    .filter((text) => text.trim() !== "")
    .map(readLabelledToken);
  const unlabelled = given.filter(({ service }) => service === undefined);
  const left = services.filter((service) => given.every((one) => one.service !== service));
  // If one label is missing, the remaining service is meant.
  const implied = unlabelled.length === 1 && left.length === 1 ? left[0] : undefined;
  const tokens: Partial<Record<TokenKind, string>> = {};
  for (const { token, service = implied } of given) {
    if (service === undefined) return unreadable("unclear_service", UNCLEAR);
    if (!SERVICES.has(service))
      return unreadable("unknown_service", `pn-prid names the service "${service.slice(0, 40)}"`);
    const kind = service === "voip" ? "voip" : "remote";
    if ((tokens[kind] ?? token) !== token)
      return unreadable("conflict", `pn-prid has two tokens for the service ${kind}`);
    tokens[kind] = token;
  }
  return buildPhone("apple", tokens, { app, environment: readEnvironment(provider) });
}

const UNCLEAR = "pn-prid does not say which token is for which service of pn-param";

/** Reads `TOKEN:service`, or only the token. Apps leave separators after it. */
function readLabelledToken(text: string): LabelledToken {
  const colon = text.indexOf(":");
  const label =
    colon < 0
      ? ""
      : text
          .slice(colon + 1)
          .replaceAll(":", "")
          .trim()
          .toLowerCase();
  return { token: colon < 0 ? text : text.slice(0, colon), service: label === "" ? undefined : label };
}

/**
 * Reads `TEAM.bundle.id` and the services. Team ids have no lower-case letter, so a value without one is only the
 * bundle id.
 */
function readApnsParam(param: string, usual: string): { readonly app: string; readonly services: readonly string[] } {
  const [, team = "", behindTeam = ""] = /^([^.]*)\.(.*)$/s.exec(param) ?? [];
  const named = /[a-z]/.test(team) ? param : behindTeam;
  const [, app = named, suffix = usual] =
    /^(.*)\.((?:voip|remote)(?:&(?:voip|remote))*)$/is.exec(named.replace(/[&:]+$/, "")) ?? [];
  return { app, services: suffix.toLowerCase().split("&") };
}

function readEnvironment(provider: string): Environment {
  return /\.dev$/i.test(provider) ? "sandbox" : "production";
}

export interface AppId {
  readonly app: string;
  readonly environment: Environment;
  /** True for the app of a PushKit token. */
  readonly isVoip: boolean;
}

/** Reads Linphone's and Kazoo's `app-id`: the bundle id, `.voip` for a PushKit token, and `.prod` or `.dev`. */
export function readAppId(text: string): AppId {
  const [, named = "", suffix = "prod"] = /^(.*?)(?:\.(prod|dev))?$/is.exec(text.trim()) ?? [];
  const isVoip = /\.voip$/i.test(named);
  return {
    app: isVoip ? named.slice(0, -".voip".length) : named,
    environment: suffix.toLowerCase() === "dev" ? "sandbox" : "production",
    isVoip,
  };
}

export interface PhoneDetails {
  readonly app?: string | undefined;
  readonly environment?: Environment | undefined;
  /** For a phone that is reached through Firebase; `android` by default. */
  readonly os?: Os | undefined;
}

/**
 * Builds the address after checking the tokens: the provider would refuse an impossible one, and it would count against
 * the app.
 */
export function buildPhone(platform: Platform, given: DeviceTokens, details: PhoneDetails = {}): PhoneReading {
  const tokens: Partial<Record<TokenKind, string>> = {};
  for (const [name, text] of Object.entries(given)) {
    const kind = name as TokenKind;
    const token = readToken(kind, text);
    if (token === undefined)
      return unreadable(
        "bad_token",
        `the ${kind} token cannot be one of ${platform === "apple" ? "Apple's" : "Google's"}`,
      );
    tokens[kind] = token;
  }
  if (Object.keys(tokens).length === 0) return unreadable("no_token", "the device token is missing");
  const { app, environment = "production" } = details;
  const firebase = platform === "google" ? tokens.registration : undefined;
  if (firebase !== undefined) {
    delete tokens.registration;
    tokens[kindOfFirebaseToken(firebase, details.os)] = firebase;
  }
  if (app !== undefined && app !== "" && !/^[A-Za-z0-9._-]{1,255}$/.test(app))
    return unreadable("bad_app", "the app id cannot be one");
  const provider = platform === "apple" ? "apns" : "fcm";
  return { kind: "phone", phone: compact({ provider, tokens, environment, app: app ? bundleIdOf(app) : undefined }) };
}
