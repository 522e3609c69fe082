/**
 * Reasons with which a provider refuses the app, not the push, so that an operator has to act. A test compares them
 * with the outcome tables.
 */
const REFUSED_APP: ReadonlySet<string> = new Set([
  "BadCertificate",
  "BadCertificateEnvironment",
  "BadEnvironmentKeyIdInToken",
  "BadEnvironmentKeyInToken",
  "BadTopic",
  "ExpiredProviderToken",
  "Forbidden",
  "InvalidProviderToken",
  "MissingProviderToken",
  "MissingTopic",
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "SERVICE_DISABLED",
  "TopicDisallowed",
  "UNAUTHENTICATED",
  "UnrelatedKeyIdInToken",
  "bad_server_key",
  "bad_service_account",
  "gcm_switched_off",
  "HTTP 401",
  "HTTP 403",
  "HTTP 404",
  "HTTP 405",
  "HTTP 407",
]);

export function isAppRefused(reason: string): boolean {
  return REFUSED_APP.has(reason);
}
