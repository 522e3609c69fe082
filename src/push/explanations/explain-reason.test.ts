import { describe, expect, it } from "vitest";
import { explainReason } from "./explain-reason.ts";
import { UNREACHED_EXPLANATIONS } from "./unreached.ts";

const UNKNOWN = explainReason("SomethingNew");

/** Apple's and Google's documented words, and the gateway's. */
const APNS = `BadCollapseId BadDeviceToken BadExpirationDate BadMessageId BadPriority BadTopic DeviceTokenNotForTopic
  DuplicateHeaders IdleTimeout InvalidPushType MissingDeviceToken MissingTopic PayloadEmpty TopicDisallowed BadCertificate
  BadCertificateEnvironment ExpiredProviderToken Forbidden InvalidProviderToken MissingProviderToken
  UnrelatedKeyIdInToken BadEnvironmentKeyIdInToken BadPath MethodNotAllowed ExpiredToken Unregistered PayloadTooLarge
  TooManyProviderTokenUpdates TooManyRequests InternalServerError ServiceUnavailable Shutdown`;
const FCM = `INVALID_ARGUMENT UNREGISTERED NOT_FOUND SENDER_ID_MISMATCH PERMISSION_DENIED UNAUTHENTICATED
  THIRD_PARTY_AUTH_ERROR QUOTA_EXCEEDED RATE_LIMIT_EXCEEDED RESOURCE_EXHAUSTED SERVICE_DISABLED INTERNAL UNAVAILABLE UNSPECIFIED_ERROR INVALID_TOKEN`;
const GCM = `MissingRegistration InvalidRegistration NotRegistered InvalidPackageName MismatchSenderId InvalidParameters
  MessageTooBig InvalidDataKey InvalidTtl Unavailable InternalServerError DeviceMessageRateExceeded
  TopicsMessageRateExceeded InvalidApnsCredential`;
const OWN = `no_app_configured app_not_served answer_lost oauth_unavailable bad_service_account
  gcm_switched_off bad_server_key unreadable_answer internal_error deadline_passed retry_postponed provider_paused app_busy push_disabled no_device domain_disabled`;

describe("explainReason", () => {
  it.each([...[APNS, FCM, GCM, OWN].flatMap((words) => words.split(/\s+/)), ...Object.keys(UNREACHED_EXPLANATIONS)])(
    "knows %s",
    (reason) => {
      const { meaning, likelyCause, whatToDo } = explainReason(reason);

      expect(meaning).not.toBe(UNKNOWN.meaning);
      for (const text of [meaning, likelyCause, whatToDo]) expect(text).toMatch(/^[A-Z'].{15,}[.!)]$/);
    },
  );

  it.each([
    ["HTTP 502", /answered with error 502/],
    ["HTTP 403", /refused with HTTP 403/],
    ["HTTP 404", /HTTP 404/],
    ["HTTP 429", /fewer requests/],
  ])("explains %s by its class", (reason, meaning) => {
    expect(explainReason(reason).meaning).toMatch(meaning);
  });

  it.each(["toString", "__proto__", "", "HTTP 9000", "HTTP abc"])("admits that it does not know %o", (reason) => {
    expect(explainReason(reason)).toBe(UNKNOWN);
  });

  it("tells a dead token from one of the wrong environment", () => {
    expect(explainReason("Unregistered").whatToDo).toMatch(/sign in again/);
    expect(explainReason("BadDeviceToken").whatToDo).toMatch(/sandbox/);
  });
});
