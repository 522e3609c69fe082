import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOutcome } from "./outcome.ts";

const NOW = 1_800_000_000_000;
const answer = (status: number, body: unknown = "", headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const read = (...parts: Parameters<typeof answer>) => readOutcome(answer(...parts), NOW).outcome;

describe("reading Apple's answer", () => {
  it("takes Apple's id for the push from the answer", () => {
    expect(read(200, "", { "apns-id": "abc" })).toEqual({ kind: "delivered", providerMessageId: "abc" });
  });

  it("says since when a token is dead, so that a newer registration is kept", () => {
    const outcome = read(410, { reason: "Unregistered", timestamp: 1_700_000_000_123 });

    expect(outcome).toEqual({ kind: "unregistered", reason: "Unregistered", deadSince: 1_700_000_000_123 });
  });

  it.each([
    [418, "rejected"],
    [400, "rejected"],
    [403, "misconfigured"],
    [404, "misconfigured"],
    [408, "deferred"],
    [410, "rejected"],
    [429, "deferred"],
    [500, "deferred"],
    [599, "deferred"],
    [302, "misconfigured"],
  ])("judges a word that nobody knows yet by its status: %i is %s", (status, kind) => {
    expect(read(status, { reason: "SomethingNew" })).toMatchObject({ kind, reason: "SomethingNew" });
  });

  it.each([
    [502, "deferred"],
    [404, "misconfigured"],
    [410, "rejected"],
  ])("judges an HTML page by its status: %i is %s", (status, kind) => {
    expect(read(status, "<html><body>Sorry</body></html>")).toMatchObject({ kind, reason: `HTTP ${status}` });
  });

  it("reads Retry-After as seconds and as a date", () => {
    const date = new Date(NOW + 9_000).toUTCString();

    expect(read(429, { reason: "TooManyRequests" }, { "retry-after": "7" })).toMatchObject({ retryAfterMs: 7_000 });
    expect(read(503, { reason: "ServiceUnavailable" }, { "retry-after": date })).toMatchObject({ retryAfterMs: 9_000 });
  });

  it("keeps a long word short", () => {
    expect(read(400, { reason: "x".repeat(5_000) })).toMatchObject({ reason: "x".repeat(64) });
  });

  const anyBody = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ reason: fc.oneof(fc.string(), fc.constant("Unregistered")) }).map((value) => JSON.stringify(value)),
  );

  it("never forgets a token but over Apple's own 410, whatever a body says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), anyBody, (status, body) => {
        const isApples = status === 410 && /^\{"reason":"(?:Unregistered|ExpiredToken)"/.test(body);
        return isApples || read(status, body).kind !== "unregistered";
      }),
    );
  });

  it("never gives a push up over a 5xx, whatever a body says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 500, max: 599 }),
        anyBody,
        (status, body) => read(status, body).kind === "deferred",
      ),
    );
  });
});
