import { describe, expect, it } from "vitest";
import { formatClockFrom, formatOffset, formatSpan } from "./time-words.ts";

describe("a length of time", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [1_240, "1.2 s"],
    [99_949, "99.9 s"],
    [100_000, "1 min 40 s"],
    [3_599_600, "1 h"],
    [5_400_000, "1 h 30 min"],
    [86_400_000, "1 d"],
    [100_000_000, "1 d 3 h"],
    [-48, "-48 ms"],
  ])("%i ms is %s", (ms, words) => {
    expect(formatSpan(ms)).toBe(words);
  });
});

describe("how long after the beginning", () => {
  it.each([
    [0, "+0.000 s"],
    [61, "+0.061 s"],
    [99_999, "+99.999 s"],
    [125_000, "+2 min 5 s"],
    // With the clocks of two machines.
    [-3, "-0.003 s"],
  ])("%i ms is %s", (ms, words) => {
    expect(formatOffset(ms)).toBe(words);
  });
});

it("a time of another day has its date", () => {
  const from = Date.parse("2026-11-27T23:59:00.000Z");

  expect(formatClockFrom(from, from + 30_000)).toBe("23:59:30");
  expect(formatClockFrom(from, from + 86_400_000)).toBe("2026-11-28 23:59:00");
});
