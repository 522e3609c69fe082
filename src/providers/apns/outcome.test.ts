import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOutcome } from "./outcome.ts";

const NOW = 1_800_000_000_000;
const answer = (status: number, body: unknown = "", headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

describe("reading Apple's answer", () => {
  it.each([
    [400, "BadDeviceToken", "rejected"],
    [400, "DeviceTokenNotForTopic", "rejected"],
    [400, "BadTopic", "misconfigured"],
    [400, "TopicDisallowed", "misconfigured"],
    [400, "IdleTimeout", "deferred"],
    [403, "BadCertificateEnvironment", "misconfigured"],
    [403, "ExpiredProviderToken", "deferred"],
    [403, "InvalidProviderToken", "misconfigured"],
    [410, "Unregistered", "unregistered"],
    [410, "ExpiredToken", "unregistered"],
    [413, "PayloadTooLarge", "rejected"],
    [429, "TooManyRequests", "deferred"],
    [500, "InternalServerError", "deferred"],
    [503, "Shutdown", "deferred"],
    [418, "SomethingNew", "rejected"],
  ])("%i %s is %s", (status, reason, kind) => {
    expect(readOutcome(answer(status, { reason }), NOW)).toMatchObject({ kind, reason });
  });

  it("takes Apple's id for the push from the answer", () => {
    const outcome = readOutcome(answer(200, "", { "apns-id": "abc" }), NOW);

    expect(outcome).toEqual({ kind: "delivered", providerMessageId: "abc" });
  });

  it("says since when a token is dead, so that a newer registration is kept", () => {
    const outcome = readOutcome(answer(410, { reason: "Unregistered", timestamp: 1_700_000_000_123 }), NOW);

    expect(outcome).toEqual({ kind: "unregistered", reason: "Unregistered", deadSince: 1_700_000_000_123 });
  });

  it("reads Retry-After as seconds and as a date", () => {
    const inSeconds = readOutcome(answer(429, { reason: "TooManyRequests" }, { "retry-after": "7" }), NOW);
    const date = new Date(NOW + 9_000).toUTCString();
    const asDate = readOutcome(answer(503, { reason: "ServiceUnavailable" }, { "retry-after": date }), NOW);

    expect(inSeconds).toMatchObject({ retryAfterMs: 7_000 });
    expect(asDate).toMatchObject({ retryAfterMs: 9_000 });
  });

  it("judges an HTML page by its status", () => {
    const page = "<html><body>502 Bad Gateway</body></html>";

    expect(readOutcome(answer(502, page), NOW)).toEqual({ kind: "deferred", reason: "HTTP 502" });
    expect(readOutcome(answer(404, page), NOW)).toEqual({ kind: "rejected", reason: "HTTP 404" });
  });

  it("never forgets a token but over a 410, whatever a body says", () => {
    const status = fc.integer({ min: 100, max: 599 }).filter((code) => code !== 410);
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ reason: fc.string() }).map((value) => JSON.stringify(value)),
    );

    fc.assert(fc.property(status, body, (code, text) => readOutcome(answer(code, text), NOW).kind !== "unregistered"));
  });
});
