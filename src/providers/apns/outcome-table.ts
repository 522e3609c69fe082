import type { ApnsReason } from "./explanations.ts";
import type { OutcomeRow } from "../outcome-row.ts";

export const APNS_PAGE =
  "https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns";
const TOKEN_PAGE =
  "https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns";

const OUR_FAULT = { kind: "rejected", suspect: "push" } as const;

/**
 * `BadDeviceToken` and `DeviceTokenNotForTopic` do not mean that the token is dead: a mix-up of sandbox and production, or a
 * wrong topic in our settings, gives them for every device at once.
 */
export const APNS_TABLE = {
  BadCollapseId: { status: 400, ...OUR_FAULT },
  BadDeviceToken: { status: 400, kind: "rejected", suspect: "token" },
  BadExpirationDate: { status: 400, ...OUR_FAULT },
  BadMessageId: { status: 400, ...OUR_FAULT },
  BadPriority: { status: 400, ...OUR_FAULT },
  BadTopic: { status: 400, kind: "misconfigured" },
  DeviceTokenNotForTopic: { status: 400, kind: "rejected", suspect: "token" },
  DuplicateHeaders: { status: 400, ...OUR_FAULT },
  IdleTimeout: { status: 400, kind: "deferred", remedy: "reconnect" },
  InvalidPushType: { status: 400, ...OUR_FAULT },
  MissingDeviceToken: { status: 400, ...OUR_FAULT },
  MissingTopic: { status: 400, kind: "misconfigured" },
  PayloadEmpty: { status: 400, ...OUR_FAULT },
  TopicDisallowed: { status: 400, kind: "misconfigured" },
  BadCertificate: { status: 403, kind: "misconfigured" },
  BadCertificateEnvironment: { status: 403, kind: "misconfigured" },
  BadEnvironmentKeyIdInToken: { status: 403, kind: "misconfigured", page: TOKEN_PAGE },
  // Apple's servers were seen with this spelling, its page has the one above.
  BadEnvironmentKeyInToken: { status: 403, kind: "misconfigured", page: TOKEN_PAGE },
  // Where a token just signed is refused it is our clock that is wrong.
  ExpiredProviderToken: { status: 403, kind: "misconfigured", remedy: "renew_token", page: TOKEN_PAGE },
  Forbidden: { status: 403, kind: "misconfigured" },
  InvalidProviderToken: { status: 403, kind: "misconfigured" },
  MissingProviderToken: { status: 403, kind: "misconfigured" },
  UnrelatedKeyIdInToken: { status: 403, kind: "misconfigured", remedy: "reconnect", page: TOKEN_PAGE },
  BadPath: { status: 404, ...OUR_FAULT },
  MethodNotAllowed: { status: 405, ...OUR_FAULT },
  ExpiredToken: { status: 410, kind: "unregistered" },
  Unregistered: { status: 410, kind: "unregistered" },
  PayloadTooLarge: { status: 413, ...OUR_FAULT },
  TooManyProviderTokenUpdates: { status: 429, kind: "deferred", scope: "app", remedy: "keep_token", page: TOKEN_PAGE },
  // "Too many requests were made consecutively to the same device token": nobody else has to wait.
  TooManyRequests: { status: 429, kind: "deferred", scope: "device", pauseMs: 1_000 },
  InternalServerError: { status: 500, kind: "deferred", busy: true },
  ServiceUnavailable: { status: 503, kind: "deferred", busy: true },
  Shutdown: { status: 503, kind: "deferred", remedy: "reconnect" },
} as const satisfies Record<ApnsReason, OutcomeRow>;
