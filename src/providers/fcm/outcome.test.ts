import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOutcome } from "./outcome.ts";

const NOW = 1_800_000_000_000;
const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const googleError = (status: string, ...details: unknown[]) => ({ error: { status, message: "…", details } });
const fcmError = (errorCode: string) => ({ "@type": FCM_ERROR, errorCode });

describe("reading Google's answer", () => {
  it("takes the message's name", () => {
    const outcome = readOutcome(answer(200, { name: "projects/p/messages/1" }), NOW);

    expect(outcome).toEqual({ kind: "delivered", providerMessageId: "projects/p/messages/1" });
  });

  it.each([
    [404, googleError("NOT_FOUND", fcmError("UNREGISTERED")), "unregistered", "UNREGISTERED"],
    [404, googleError("NOT_FOUND"), "misconfigured", "NOT_FOUND"],
    [404, "<html>not found on this server</html>", "misconfigured", "HTTP 404"],
    [403, googleError("PERMISSION_DENIED"), "misconfigured", "PERMISSION_DENIED"],
    [403, googleError("PERMISSION_DENIED", fcmError("SENDER_ID_MISMATCH")), "rejected", "SENDER_ID_MISMATCH"],
    [400, googleError("INVALID_ARGUMENT"), "rejected", "INVALID_ARGUMENT"],
    [
      400,
      googleError(
        "INVALID_ARGUMENT",
        { "@type": BAD_REQUEST, fieldViolations: [{ field: "message.token" }] },
        fcmError("INVALID_ARGUMENT"),
      ),
      "rejected",
      "INVALID_TOKEN",
    ],
    [500, googleError("INTERNAL", fcmError("INTERNAL")), "deferred", "INTERNAL"],
    [503, googleError("UNAVAILABLE", fcmError("UNAVAILABLE")), "deferred", "UNAVAILABLE"],
    [502, "<html>502</html>", "deferred", "HTTP 502"],
  ])("%i %j is %s", (status, body, kind, reason) => {
    expect(readOutcome(answer(status, body), NOW)).toMatchObject({ kind, reason });
  });

  it("waits a minute on a full quota, unless Google names a time", () => {
    const quota = googleError("RESOURCE_EXHAUSTED", fcmError("QUOTA_EXCEEDED"));

    expect(readOutcome(answer(429, quota), NOW)).toMatchObject({ kind: "deferred", retryAfterMs: 60_000 });
    expect(readOutcome(answer(429, quota, { "retry-after": "5" }), NOW)).toMatchObject({ retryAfterMs: 5_000 });
  });

  it("condemns a token only on FCM's own word, whatever status and JSON come with it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.json(), (status, body) => {
        fc.pre(!body.includes("UNREGISTERED"));
        return readOutcome(answer(status, body), NOW).kind !== "unregistered";
      }),
    );
  });
});
