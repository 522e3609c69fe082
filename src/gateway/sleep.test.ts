import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sleep } from "./sleep.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("ends when its time has come, and leaves no listener behind", async () => {
  const { signal } = new AbortController();
  let isAwake = false;
  const sleeping = sleep(1_000, signal).then(() => (isAwake = true));

  await vi.advanceTimersByTimeAsync(999);
  expect(isAwake).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await sleeping;

  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("ends at once when it is called off, and leaves no timer behind", async () => {
  const stop = new AbortController();
  const sleeping = sleep(60_000, stop.signal);

  stop.abort();
  await sleeping;

  expect(vi.getTimerCount()).toBe(0);
});

it("does not begin where it has been called off before", async () => {
  await sleep(60_000, AbortSignal.abort());

  expect(vi.getTimerCount()).toBe(0);
});
