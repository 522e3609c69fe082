import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startTelemetry } from "../../test/fixtures/telemetry-fixture.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("says once that an operation fails, and then how often, until it has been well for a while", async () => {
  const { events, metrics, records } = startTelemetry();

  for (let failure = 0; failure < 342; failure += 1) events.storeFailed("settle", new Error("out of reach"));
  events.storeFailed("lease due pushes", new Error("out of reach"));
  await vi.advanceTimersByTimeAsync(10_000);
  events.storeFailed("settle", new Error("timed out"));
  await vi.advanceTimersByTimeAsync(20_000);
  events.storeFailed("settle", new Error("out of reach"));

  expect(records()).toMatchObject([
    { msg: "store failed", operation: "settle", error: { message: "out of reach", stack: expect.any(Array) } },
    { msg: "store failed", operation: "lease due pushes" },
    { msg: "store failed again", operation: "settle", reason: "out of reach", times: 341 },
    { msg: "store failed again", operation: "settle", reason: "timed out", times: 1 },
    { msg: "store failed", operation: "settle" },
  ]);
  expect(records()).toHaveLength(5);
  expect(await metrics.render()).toContain("sip_pushd_store_errors_total 345");
});
