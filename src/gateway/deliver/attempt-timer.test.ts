import { expect, it, vi } from "vitest";
import { AttemptTimer } from "./attempt-timer.ts";

it("aborts with a TimeoutError when its time is up", () => {
  vi.useFakeTimers();
  try {
    using timer = new AttemptTimer(1_000, new AbortController().signal);
    vi.advanceTimersByTime(999);
    expect(timer.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(timer.signal.reason).toMatchObject({ name: "TimeoutError" });
    expect(timer.isTimedOut).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

it("aborts with the reason of the stop, which is no timeout", () => {
  const stop = new AbortController();
  using timer = new AttemptTimer(60_000, stop.signal);
  stop.abort("stopping");
  expect(timer.signal.reason).toBe("stopping");
  expect(timer.isTimedOut).toBe(false);
});

it("is aborted from the start by a stop that has come before", () => {
  using timer = new AttemptTimer(60_000, AbortSignal.abort("stopped"));
  expect(timer.signal.reason).toBe("stopped");
});

it("leaves no timer behind", () => {
  vi.useFakeTimers();
  try {
    {
      using _timer = new AttemptTimer(60_000, new AbortController().signal);
      expect(vi.getTimerCount()).toBe(1);
    }
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
