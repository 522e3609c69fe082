import { expect, it } from "vitest";
import type { Throttled } from "./throttled.ts";
import { addThrottling, addAttempt, type AttemptRecord } from "./attempt-records.ts";

it("keeps the beginning and the newest of a long story", () => {
  let tries: readonly AttemptRecord[] = [];

  for (let at = 1; at <= 20; at += 1) tries = addAttempt(tries, { kind: "deferred", reason: "busy" }, at, 5);

  expect(tries.map(({ at }) => at)).toEqual([1, 2, 3, 4, 13, 14, 15, 16, 17, 18, 19, 20]);
  expect(tries[0]).toEqual({ at: 1, tookMs: 5, outcome: "deferred", reason: "busy" });
});

it("has no reason for a success", () => {
  expect(addAttempt([], { kind: "delivered", providerMessageId: "m" }, 1, 2)).toEqual([
    { at: 1, tookMs: 2, outcome: "delivered" },
  ]);
});

it("has one wait for as long as the same limit holds a push back", () => {
  const held: Throttled = { kind: "throttled", why: "provider_paused", retryAfterMs: 500 };
  const cause = { kind: "deferred", reason: "ServiceUnavailable" } as const;
  const attempt: AttemptRecord = { at: 0, tookMs: 5, outcome: "deferred", reason: "ServiceUnavailable" };

  const first = addThrottling([attempt], held, 100, 600);
  const longer = addThrottling(first, held, 600, 1_100);
  const other = addThrottling(longer, { ...held, cause }, 1_100, 1_600);
  const later = addThrottling(
    addAttempt(other, { kind: "delivered", providerMessageId: "m" }, 1_600, 9),
    held,
    2_000,
    2_500,
  );

  expect(longer).toEqual([attempt, { at: 100, tookMs: 1_000, outcome: "held", reason: "provider_paused" }]);
  expect(later.slice(2)).toEqual([
    { at: 1_100, tookMs: 500, outcome: "held", reason: "provider_paused", cause: "ServiceUnavailable" },
    { at: 1_600, tookMs: 9, outcome: "delivered" },
    { at: 2_000, tookMs: 500, outcome: "held", reason: "provider_paused" },
  ]);
});
