import type { TokenFacts } from "../behaviour.ts";
import type { ApnsEnvironment } from "../../certificates/apple-rights.ts";
import type { ApnsReason } from "./answers.ts";
import { isObject } from "../exchange.ts";
import type { ApnsRequest } from "./request.ts";
import { checkTopicSuffix, isPushType, isTopic } from "./topic.ts";

type Check = (request: ApnsRequest) => ApnsReason | undefined;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_COLLAPSE_ID_BYTES = 64;
const MAX_PAYLOAD_BYTES = 4_096;
const MAX_VOIP_PAYLOAD_BYTES = 5_120;

/** Checks that need no knowledge of the sender. Their order decides which reason is reported. */
const HEADER_CHECKS: readonly Check[] = [
  ({ duplicateHeaders }) => (duplicateHeaders.length > 0 ? "DuplicateHeaders" : undefined),
  ({ method }) => (method === "POST" ? undefined : "MethodNotAllowed"),
  ({ token }) => (token === undefined ? "BadPath" : undefined),
  ({ token }) => (token === "" ? "MissingDeviceToken" : undefined),
  // Apple says not to assume a length. This simulator accepts two bytes or more.
  ({ token }) => (/^(?:[0-9a-f]{2}){2,}$/i.test(token ?? "") ? undefined : "BadDeviceToken"),
  checkHeader("apns-id", "BadMessageId", (id) => UUID.test(id)),
  checkHeader("apns-topic", "BadTopic", isTopic),
  checkHeader("apns-collapse-id", "BadCollapseId", (id) => Buffer.byteLength(id) <= MAX_COLLAPSE_ID_BYTES),
  checkHeader("apns-priority", "BadPriority", (priority) => ["1", "5", "10"].includes(priority)),
  checkHeader("apns-push-type", "InvalidPushType", isPushType),
  // Seconds since 1970. Apple's limit is a signed 64-bit number, far beyond any real value.
  checkHeader("apns-expiration", "BadExpirationDate", (at) => /^\d{1,15}$/.test(at)),
  // An absent header means 10, which is just as wrong for `background`.
  ({ pushType, headers }) =>
    pushType === "background" && headers["apns-priority"] !== "5" ? "BadPriority" : undefined,
];

export function checkHeaders(request: ApnsRequest): ApnsReason | undefined {
  return firstReason(HEADER_CHECKS, request);
}

const PAYLOAD_CHECKS: readonly Check[] = [
  ({ body }) => (body.length === 0 ? "PayloadEmpty" : undefined),
  ({ body, pushType }) =>
    body.length > (pushType === "voip" ? MAX_VOIP_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES) ? "PayloadTooLarge" : undefined,
  ({ payload }) => (isObject(payload) ? undefined : "BadRequestPayload"),
  ({ payload, pushType }) => (pushType === "background" && !isBackground(payload) ? "InvalidPushType" : undefined),
];

export function checkPayload(request: ApnsRequest): ApnsReason | undefined {
  return firstReason(PAYLOAD_CHECKS, request);
}

/** Checks the token against `topic`: the header's, or the certificate's only one. */
export function checkTarget(
  request: ApnsRequest,
  topic: string,
  { facts, environment }: { facts: TokenFacts; environment: ApnsEnvironment },
): ApnsReason | undefined {
  const mismatch = checkTopicSuffix(topic, request.pushType);
  if (mismatch !== undefined) return mismatch;
  if (NOBODYS_TOKEN.test(request.token ?? "")) return "BadDeviceToken";
  if (facts.environment !== undefined && facts.environment !== environment) return "BadDeviceToken";
  return facts.topic !== undefined && facts.topic !== topic ? "DeviceTokenNotForTopic" : undefined;
}

/** Apple's tokens are random bytes. All zeros is a made-up token, sent to test the credentials. */
const NOBODYS_TOKEN = /^0+$/;

/**
 * Returns true if the expiration is in the past. Apple accepts such a push and drops it. 0 means "now or never", not
 * expired.
 */
export function isExpired({ headers }: ApnsRequest, now: number): boolean {
  const expiration = Number(headers["apns-expiration"] ?? 0);
  return expiration !== 0 && expiration * 1_000 <= now;
}

function checkHeader(name: string, reason: ApnsReason, isGood: (value: string) => boolean): Check {
  return ({ headers }) => {
    const value = headers[name];
    return value === undefined || isGood(value) ? undefined : reason;
  };
}

function firstReason(checks: readonly Check[], request: ApnsRequest): ApnsReason | undefined {
  for (const check of checks) {
    const reason = check(request);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** https://developer.apple.com/documentation/usernotifications/pushing-background-updates-to-your-app */
function isBackground(payload: unknown): boolean {
  const aps = isObject(payload) ? payload["aps"] : undefined;
  if (!isObject(aps) || aps["content-available"] !== 1) return false;
  return !["alert", "sound", "badge"].some((key) => Object.hasOwn(aps, key));
}
