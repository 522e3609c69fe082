import type { Outcome } from "../../push/outcome.ts";
import type { ChannelResponse } from "../channel/connection.ts";
import { parseJson, readMember, readText } from "../channel/json.ts";
import { readRetryAfter } from "../channel/retry-after.ts";

/** Apple's answer to one push: https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
interface ApnsError {
  /** A stable word, e.g. `BadDeviceToken`; without a readable body, `HTTP 503`. */
  readonly reason: string;
  /** Epoch milliseconds since when the token is dead; with 410 only. */
  readonly timestamp?: number;
}

/** Our own settings are wrong; no other push of this app would fare better. */
const MISCONFIGURED: ReadonlySet<string> = new Set([
  "BadCertificate",
  "BadCertificateEnvironment",
  "BadEnvironmentKeyIdInToken",
  "BadEnvironmentKeyInToken",
  "BadTopic",
  "Forbidden",
  "InvalidProviderToken",
  "MissingProviderToken",
  "MissingTopic",
  "TopicDisallowed",
  "UnrelatedKeyIdInToken",
]);

/** 4xx that pass: with a fresh provider token, on another connection, or later. */
const PASSING: ReadonlySet<string> = new Set(["ExpiredProviderToken", "IdleTimeout"]);

/**
 * `BadDeviceToken` and `DeviceTokenNotForTopic` do not mean that the token is dead: a mix-up of sandbox and production, or a
 * wrong topic in our settings, gives them for every device at once.
 */
export function readOutcome({ status, headers, body }: ChannelResponse, now: number): Outcome {
  if (status === 200) return { kind: "delivered", providerMessageId: String(headers["apns-id"] ?? "") };
  const { reason, timestamp } = readError(status, body);
  if (status === 410) {
    return { kind: "unregistered", reason, ...(timestamp === undefined ? {} : { deadSince: timestamp }) };
  }
  if (MISCONFIGURED.has(reason)) return { kind: "misconfigured", reason };
  if (status === 429 || status >= 500 || PASSING.has(reason)) {
    const retryAfterMs = readRetryAfter(headers["retry-after"], now);
    return { kind: "deferred", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { kind: "rejected", reason };
}

function readError(status: number, body: string): ApnsError {
  const json = parseJson(body);
  const reason = readText(json, "reason");
  if (reason === undefined) return { reason: `HTTP ${status}` };
  const timestamp = readMember(json, "timestamp");
  return { reason: reason.slice(0, 64), ...(typeof timestamp === "number" ? { timestamp } : {}) };
}
