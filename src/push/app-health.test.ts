import { expect, it } from "vitest";
import { readHealth } from "./app-health.ts";
import type { Health } from "./circuit-breaker.ts";
import type { Outcome } from "./outcome.ts";

it.each<[Outcome, Health]>([
  [{ kind: "delivered", providerMessageId: "1" }, "well"],
  [{ kind: "unregistered", reason: "Unregistered" }, "well"],
  [{ kind: "rejected", reason: "BadDeviceToken", suspect: "token" }, "well"],
  [{ kind: "misconfigured", reason: "InvalidProviderToken" }, "ill"],
  [{ kind: "misconfigured", reason: "app_not_served", scope: "device" }, undefined],
  [{ kind: "deferred", reason: "ServiceUnavailable" }, "ill"],
  [{ kind: "deferred", reason: "not_reached" }, "ill"],
  [{ kind: "deferred", reason: "QUOTA_EXCEEDED", scope: "app", retryAfterMs: 60_000 }, "ill"],
  [{ kind: "deferred", reason: "TooManyRequests", scope: "device" }, undefined],
  [{ kind: "deferred", reason: "answer_lost" }, undefined],
  [{ kind: "deferred", reason: "no_room" }, undefined],
])("reads %j as a sign that the app is %s", (outcome, health) => {
  expect(readHealth(outcome, false)).toBe(health);
});

it("takes silence for as long as an attempt lasts as a bad sign", () => {
  expect(readHealth({ kind: "deferred", reason: "answer_lost" }, true)).toBe("ill");
});
