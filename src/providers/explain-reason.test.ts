import { describe, expect, it } from "vitest";
import type { SuppressReason } from "../gateway/push-store.ts";
import { APNS_TABLE } from "./apns/outcome-table.ts";
import { FCM_TABLE } from "./fcm/outcome-table.ts";
import { GCM_TABLE } from "./gcm/outcome-table.ts";
import { STATUS_ROWS } from "./outcome-row.ts";
import { explainReason } from "./explain-reason.ts";
import { ATTEMPT_EXPLANATIONS, PUSH_EXPLANATIONS } from "../push/explanations/gateway.ts";
import { UNREACHED_EXPLANATIONS } from "../push/explanations/unreached.ts";

const UNKNOWN = explainReason("SomethingNew");

/** Documented reasons of Apple and Google, and the gateway's own. */
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
/** Reasons for not storing a push, or for storing it as suppressed. */
const SUPPRESSED = Object.keys({
  push_disabled: true,
  no_device: true,
  call_ended: true,
} satisfies Record<SuppressReason, true>);
const OWN = [
  ...Object.keys({ ...ATTEMPT_EXPLANATIONS, ...UNREACHED_EXPLANATIONS, ...PUSH_EXPLANATIONS }),
  ...SUPPRESSED,
  "domain_disabled",
];

/** All rows of all tables. */
const TABLED = [
  ...[APNS_TABLE, FCM_TABLE, GCM_TABLE].flatMap((table) => Object.keys(table)),
  ...Object.values(STATUS_ROWS).map(({ status }) => `HTTP ${status}`),
];

describe("explainReason", () => {
  it.each([...[APNS, FCM, GCM].flatMap((words) => words.split(/\s+/)), ...TABLED, ...new Set(OWN)])(
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
