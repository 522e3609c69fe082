import type { Behaviour } from "../behaviour.ts";
import type { Answer } from "../exchange.ts";
import { retryAfterHeader } from "../play-behaviour.ts";

/** https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
const STATUS_OF_REASON = {
  BadCollapseId: 400,
  BadDeviceToken: 400,
  BadExpirationDate: 400,
  BadMessageId: 400,
  BadPriority: 400,
  BadTopic: 400,
  DeviceTokenNotForTopic: 400,
  DuplicateHeaders: 400,
  IdleTimeout: 400,
  InvalidPushType: 400,
  MissingDeviceToken: 400,
  MissingTopic: 400,
  PayloadEmpty: 400,
  TopicDisallowed: 400,
  // Apple publishes no reason for a payload that is not a JSON object. This one comes from its channel API.
  BadRequestPayload: 400,
  BadCertificate: 403,
  BadCertificateEnvironment: 403,
  BadEnvironmentKeyIdInToken: 403,
  // Spelling observed on Apple's servers.
  BadEnvironmentKeyInToken: 403,
  ExpiredProviderToken: 403,
  Forbidden: 403,
  InvalidProviderToken: 403,
  MissingProviderToken: 403,
  UnrelatedKeyIdInToken: 403,
  BadPath: 404,
  MethodNotAllowed: 405,
  ExpiredToken: 410,
  Unregistered: 410,
  PayloadTooLarge: 413,
  TooManyProviderTokenUpdates: 429,
  TooManyRequests: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  Shutdown: 503,
} as const;

export type ApnsReason = keyof typeof STATUS_OF_REASON;

function statusOfReason(reason: string): number | undefined {
  return Object.hasOwn(STATUS_OF_REASON, reason) ? STATUS_OF_REASON[reason as ApnsReason] : undefined;
}

export interface ApnsAnswerParts {
  readonly apnsId: string;
  /** Only Apple's sandbox sends one. */
  readonly uniqueId?: string | undefined;
}

export function buildAcceptance({ apnsId, uniqueId }: ApnsAnswerParts): Answer {
  return { status: 200, headers: { "apns-id": apnsId, ...(uniqueId ? { "apns-unique-id": uniqueId } : {}) } };
}

export function buildRefusal(reason: ApnsReason, { apnsId }: ApnsAnswerParts): Answer {
  return buildApnsError({ status: STATUS_OF_REASON[reason], apnsId, body: { reason } });
}

/** Returns the answer that a script asks for, or undefined if the push should be accepted. */
export function buildScriptedAnswer(
  behaviour: Behaviour,
  { apnsId, now }: ApnsAnswerParts & { now: number },
): Answer | undefined {
  const { reason, timestamp } = behaviour;
  const status = behaviour.status ?? (reason === undefined ? 200 : (statusOfReason(reason) ?? 400));
  if (status === 200) return undefined;
  const headers = retryAfterHeader(behaviour);
  if (reason === undefined) {
    // An answer as a proxy in front of Apple would send it.
    const body = `<html><head><title>${status}</title></head><body>${status}</body></html>`;
    return { status, headers: { "content-type": "text/html", ...headers }, body };
  }
  // Only a 410 carries a timestamp.
  const body = status === 410 ? { reason, timestamp: timestamp ?? now } : { reason };
  return buildApnsError({ status, apnsId, body, headers });
}

function buildApnsError(parts: { status: number; apnsId: string; body: object; headers?: object }): Answer {
  return {
    status: parts.status,
    headers: { "apns-id": parts.apnsId, "content-type": "application/json", ...parts.headers },
    body: JSON.stringify(parts.body),
  };
}
