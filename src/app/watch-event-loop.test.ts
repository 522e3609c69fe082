import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import { createAlarms } from "../gateway/alarms.ts";
import { watchEventLoop } from "./watch-event-loop.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("raises an alarm while the event loop was late for more than a second, and clears it after a minute on time", () => {
  const alarms = createAlarms({ events: createRecordingEvents(), clock: () => 0 });
  let delayMs = 999;
  using _watch = watchEventLoop({ alarms, readDelayMs: () => delayMs });
  const standing = () => alarms.list().map(({ kind }) => kind);

  vi.advanceTimersByTime(1_000);
  expect(standing()).toEqual([]);
  delayMs = 1_600;
  vi.advanceTimersByTime(1_000);
  expect(alarms.list()).toMatchObject([{ kind: "event_loop_late", detail: expect.stringContaining("1.6 s") }]);
  delayMs = 5;
  vi.advanceTimersByTime(59_000);
  expect(standing()).toEqual(["event_loop_late"]);
  vi.advanceTimersByTime(1_000);
  expect(standing()).toEqual([]);
});

it("notices a loop that really stands still", async () => {
  vi.useRealTimers();
  const alarms = createAlarms({ events: createRecordingEvents(), clock: () => 0 });
  using _watch = watchEventLoop({ alarms });
  await new Promise((resolve) => setTimeout(resolve, 50));

  for (const until = performance.now() + 1_500; performance.now() < until;);

  await vi.waitFor(() => expect(alarms.list()).toMatchObject([{ kind: "event_loop_late" }]), { timeout: 10_000 });
});
