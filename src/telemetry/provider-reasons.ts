/**
 * The reasons that are counted one by one: what the providers document, in their spelling, and the words for not getting an
 * answer. A reason that is not among them is counted as `other`; the log has it in full.
 * https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
 * https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
 */
const APNS_REASONS = [
  "BadCertificate",
  "BadCertificateEnvironment",
  "BadCollapseId",
  "BadDeviceToken",
  "BadEnvironmentKeyIdInToken",
  "BadEnvironmentKeyInToken",
  "BadExpirationDate",
  "BadMessageId",
  "BadPath",
  "BadPriority",
  "BadTopic",
  "DeviceTokenNotForTopic",
  "DuplicateHeaders",
  "ExpiredProviderToken",
  "ExpiredToken",
  "Forbidden",
  "IdleTimeout",
  "InternalServerError",
  "InvalidProviderToken",
  "InvalidPushType",
  "MethodNotAllowed",
  "MissingDeviceToken",
  "MissingProviderToken",
  "MissingTopic",
  "PayloadEmpty",
  "PayloadTooLarge",
  "ServiceUnavailable",
  "Shutdown",
  "TooManyProviderTokenUpdates",
  "TooManyRequests",
  "TopicDisallowed",
  "Unregistered",
  "UnrelatedKeyIdInToken",
];

const FCM_REASONS = [
  "INTERNAL",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "QUOTA_EXCEEDED",
  "RESOURCE_EXHAUSTED",
  "SENDER_ID_MISMATCH",
  "SERVICE_DISABLED",
  "THIRD_PARTY_AUTH_ERROR",
  "UNAUTHENTICATED",
  "UNAVAILABLE",
  "UNREGISTERED",
  "UNSPECIFIED_ERROR",
];

const GCM_REASONS = [
  "DeviceMessageRateExceeded",
  "InvalidApnsCredential",
  "InvalidDataKey",
  "InvalidPackageName",
  "InvalidParameters",
  "InvalidRegistration",
  "InvalidTtl",
  "MessageTooBig",
  "MismatchSenderId",
  "MissingRegistration",
  "NotRegistered",
  "TopicsMessageRateExceeded",
  "Unavailable",
];

/** Where the answer has no word of its own. */
const HTTP_STATUSES = ["HTTP 400", "HTTP 404", "HTTP 429", "HTTP 500", "HTTP 502", "HTTP 503", "HTTP 504"];

/** The gateway's own words, for what no provider said. */
const OWN_REASONS = [
  "INVALID_TOKEN",
  "answer_lost",
  "app_not_served",
  "bad_server_key",
  "bad_service_account",
  "credentials_unusable",
  "gcm_switched_off",
  "internal_error",
  "no_app_configured",
  "not_reached",
  "oauth_unavailable",
  "unreadable_answer",
];

export const PROVIDER_REASONS: readonly string[] = [
  ...APNS_REASONS,
  ...FCM_REASONS,
  ...GCM_REASONS,
  ...HTTP_STATUSES,
  ...OWN_REASONS,
];
