import type { FcmReason } from "./explanations.ts";
import type { OutcomeRow } from "../outcome-row.ts";

export const FCM_PAGE = "https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode";
const SCALE_PAGE = "https://firebase.google.com/docs/cloud-messaging/scale-fcm";
const QUOTA_PAGE = "https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas";

/** "429: retry after the time in the Retry-After header; without one, after 60 seconds". */
const QUOTA_PAUSE_MS = 60_000;

/**
 * Only FcmError UNREGISTERED condemns a token: a wrong project gives 404 and a missing role 403 as well, for every device at
 * once.
 */
export const FCM_TABLE = {
  INVALID_TOKEN: {
    status: 400,
    says: "INVALID_ARGUMENT with a violation at `message.token` or `message.fid`, or whose message alone names the registration token",
    kind: "rejected",
    suspect: "token",
  },
  INVALID_ARGUMENT: { status: 400, kind: "rejected", suspect: "push" },
  UNAUTHENTICATED: {
    status: 401,
    says: "UNAUTHENTICATED without FcmError",
    kind: "misconfigured",
    remedy: "renew_token",
    page: SCALE_PAGE,
  },
  // About the project's credentials for Apple: an Android phone knows nothing of them.
  THIRD_PARTY_AUTH_ERROR: { status: 401, kind: "misconfigured", scope: "device" },
  // Its former name.
  APNS_AUTH_ERROR: { status: 401, kind: "misconfigured", scope: "device" },
  SENDER_ID_MISMATCH: { status: 403, kind: "rejected", suspect: "token" },
  PERMISSION_DENIED: { status: 403, says: "PERMISSION_DENIED without FcmError", kind: "misconfigured" },
  SERVICE_DISABLED: { status: 403, says: "PERMISSION_DENIED, ErrorInfo SERVICE_DISABLED", kind: "misconfigured" },
  UNREGISTERED: { status: 404, says: "FcmError UNREGISTERED", kind: "unregistered" },
  NOT_FOUND: { status: 404, says: "NOT_FOUND without FcmError", kind: "misconfigured" },
  // "Sending limit exceeded for the message target"; the project's limit is told as RATE_LIMIT_EXCEEDED.
  QUOTA_EXCEEDED: {
    status: 429,
    says: "FcmError QUOTA_EXCEEDED, or a QuotaFailure that names the device",
    kind: "deferred",
    scope: "device",
    pauseMs: QUOTA_PAUSE_MS,
  },
  // Seen from Google, but not documented: https://github.com/firebase/firebase-admin-go/issues/719
  RATE_LIMIT_EXCEEDED: {
    status: 429,
    says: "ErrorInfo RATE_LIMIT_EXCEEDED, or details that name the project",
    kind: "deferred",
    scope: "app",
    pauseMs: QUOTA_PAUSE_MS,
    page: QUOTA_PAGE,
  },
  RESOURCE_EXHAUSTED: {
    status: 429,
    says: "RESOURCE_EXHAUSTED, or HTTP 429 alone, without FcmError",
    kind: "deferred",
    scope: "app",
    pauseMs: QUOTA_PAUSE_MS,
    page: SCALE_PAGE,
  },
  // A proxy that inspects TLS, or a wrong endpoint, swallows the push and says 200.
  unreadable_answer: { status: 200, says: "HTTP 200 without the `name` of a message", kind: "deferred" },
  INTERNAL: { status: 500, kind: "deferred", busy: true },
  UNSPECIFIED_ERROR: { status: 500, kind: "deferred", busy: true },
  UNAVAILABLE: { status: 503, kind: "deferred", busy: true },
} as const satisfies Record<FcmReason, OutcomeRow>;
