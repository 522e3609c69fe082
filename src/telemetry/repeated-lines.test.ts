import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createRepeatedLines } from "./repeated-lines.ts";

let lines: string[];
let log: (key: string) => void;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  const limited = createRepeatedLines(1_000);
  log = (key) =>
    limited({
      key,
      first: () => void lines.push(key),
      again: (times) => void lines.push(`${key} again ${times}`),
    });
});
afterEach(() => void vi.useRealTimers());

it("logs the first line at once, and then how many followed", () => {
  for (let time = 0; time < 500; time += 1) log("a");
  log("b");
  vi.advanceTimersByTime(1_000);

  expect(lines).toEqual(["a", "b", "a again 499"]);
});

it("begins anew after an interval without any", () => {
  log("a");
  vi.advanceTimersByTime(2_000);
  log("a");

  expect(lines).toEqual(["a", "a"]);
});

it("sums up what comes under more keys than it remembers", () => {
  for (let key = 0; key < 5_000; key += 1) log(String(key));
  vi.advanceTimersByTime(1_000);

  expect(lines).toHaveLength(1_002);
  expect(lines.at(-1)).toMatch(/ again 3999$/);
});
