import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOutcome } from "./outcome.ts";

const NOW = 1_800_000_000_000;
const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";
const QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure";

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  readOutcome({ status, headers, body: typeof body === "string" ? body : JSON.stringify(body) }, NOW).outcome;

const googleError = (status: string, ...details: unknown[]) => ({ error: { status, message: "…", details } });
const fcmError = (errorCode: string) => ({ "@type": FCM_ERROR, errorCode });
const errorInfo = (reason: string) => ({ "@type": ERROR_INFO, reason, domain: "googleapis.com" });
const quotaOf = (subject: string) => ({ "@type": QUOTA_FAILURE, violations: [{ subject, description: "rate" }] });
const badToken = { "@type": BAD_REQUEST, fieldViolations: [{ field: "message.token" }] };

const badFid = { "@type": BAD_REQUEST, fieldViolations: [{ field: "message.fid" }] };
const otherField = { "@type": BAD_REQUEST, fieldViolations: [{ field: "message.android.ttl" }] };
/** As Google sent it: https://github.com/firebase/firebase-admin-java/issues/1064 */
const recorded = {
  error: {
    code: 400,
    message: "The registration token is not a valid FCM registration token",
    status: "INVALID_ARGUMENT",
    details: [fcmError("INVALID_ARGUMENT")],
  },
};
const both = (...details: unknown[]) => googleError("RESOURCE_EXHAUSTED", ...details);
const perProject = { ...errorInfo("RATE_LIMIT_EXCEEDED"), metadata: { quota_limit: "SendsPerMinutePerProject" } };

describe("reading Google's answer", () => {
  it("takes the message's name", () => {
    expect(read(200, { name: "projects/p/messages/1" })).toEqual({
      kind: "delivered",
      providerMessageId: "projects/p/messages/1",
    });
  });

  it.each([
    [404, googleError("NOT_FOUND", fcmError("UNREGISTERED")), "unregistered", "UNREGISTERED"],
    [404, googleError("UNREGISTERED"), "misconfigured", "HTTP 404"],
    [404, "<html>not found on this server</html>", "misconfigured", "HTTP 404"],
    [403, googleError("PERMISSION_DENIED", fcmError("SENDER_ID_MISMATCH")), "rejected", "SENDER_ID_MISMATCH"],
    [403, googleError("PERMISSION_DENIED", errorInfo("IAM_PERMISSION_DENIED")), "misconfigured", "PERMISSION_DENIED"],
    [403, googleError("PERMISSION_DENIED", errorInfo("SERVICE_DISABLED")), "misconfigured", "SERVICE_DISABLED"],
    [400, googleError("INVALID_ARGUMENT"), "rejected", "INVALID_ARGUMENT"],
    [400, googleError("INVALID_ARGUMENT", badToken, fcmError("INVALID_ARGUMENT")), "rejected", "INVALID_TOKEN"],
    [400, googleError("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT"), badToken), "rejected", "INVALID_TOKEN"],
    [400, googleError("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT"), badFid), "rejected", "INVALID_TOKEN"],
    [400, recorded, "rejected", "INVALID_TOKEN"],
    [400, { error: { ...recorded.error, details: [] } }, "rejected", "INVALID_TOKEN"],
    [400, { error: { ...recorded.error, details: [otherField] } }, "rejected", "INVALID_ARGUMENT"],
    [401, googleError("UNAUTHENTICATED", fcmError("SOMETHING_NEW")), "misconfigured", "UNAUTHENTICATED"],
    [404, googleError("NOT_FOUND", fcmError("NotRegistered")), "misconfigured", "NOT_FOUND"],
    [500, googleError("INTERNAL", fcmError("UNREGISTERED")), "deferred", "INTERNAL"],
    [400, googleError("SOMETHING_NEW", fcmError("SOMETHING_ELSE")), "rejected", "SOMETHING_ELSE"],
    [200, "", "deferred", "unreadable_answer"],
    [200, "<html>Sign in to the network</html>", "deferred", "unreadable_answer"],
    [200, { name: "" }, "deferred", "unreadable_answer"],
    [400, "{", "rejected", "HTTP 400"],
    [502, "<html>502</html>", "deferred", "HTTP 502"],
    [503, googleError("SOMETHING_NEW"), "deferred", "SOMETHING_NEW"],
  ])("%i %j is %s: %s", (status, body, kind, reason) => {
    expect(read(status, body)).toMatchObject({ kind, reason });
  });

  it.each([
    ["the phone's quota", googleError("RESOURCE_EXHAUSTED", fcmError("QUOTA_EXCEEDED"), quotaOf("device")), "device"],
    ["a quota that it does not name", googleError("RESOURCE_EXHAUSTED", fcmError("QUOTA_EXCEEDED")), "device"],
    ["the project's quota", googleError("RESOURCE_EXHAUSTED", errorInfo("RATE_LIMIT_EXCEEDED")), "app"],
    [
      "the project's quota, told by FCM",
      googleError("RESOURCE_EXHAUSTED", fcmError("QUOTA_EXCEEDED"), quotaOf("project:1")),
      "app",
    ],
    ["the project's quota, beside FCM's word", both(fcmError("QUOTA_EXCEEDED"), perProject), "app"],
    ["the phone's quota without FCM's word", both(errorInfo("QUOTA_EXCEEDED"), quotaOf("device")), "device"],
    ["the phone's quota beside the front's word", both(errorInfo("RATE_LIMIT_EXCEEDED"), quotaOf("device")), "device"],
    ["a full front end", "<html>429</html>", "app"],
  ])("holds back whom %s concerns, for a minute unless Google names a time", (_what, body, scope) => {
    expect(read(429, body)).toMatchObject({ kind: "deferred", scope, retryAfterMs: 60_000 });
    expect(read(429, body, { "retry-after": "5" })).toMatchObject({ scope, retryAfterMs: 5_000 });
  });

  it("renews the access token where Google does not know it, whatever else the answer says", () => {
    const body = JSON.stringify(googleError("UNAUTHENTICATED", fcmError("SOMETHING_NEW")));

    expect(readOutcome({ status: 401, headers: {}, body }, NOW).remedy).toBe("renew_token");
  });

  it("condemns a token only on FCM's own word, whatever status and JSON come with it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.json(), (status, body) => {
        fc.pre(!body.includes("UNREGISTERED"));
        return read(status, body).kind !== "unregistered";
      }),
    );
  });
});
