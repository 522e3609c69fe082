import { expect, it } from "vitest";
import { readWaitMs } from "./prefer.ts";

it.each([
  ["wait=20", 20_000],
  ['Wait = "5"', 5_000],
  ["respond-async, wait=10", 10_000],
  [["respond-async", "wait=3;x=y"], 3_000],
  ["wait=0", 0],
  ['foo="a, wait=3", wait=1', 1_000],
  ['foo="a\\", wait=3", wait=1', 1_000],
  ['foo="never ends, wait=3', undefined],
  ["wait=100000", 120_000],
  ["wait", undefined],
  ["wait=-1", undefined],
  ["wait=soon", undefined],
  ["return=minimal", undefined],
  [undefined, undefined],
])("%j is a wait of %s ms", (header, ms) => {
  expect(readWaitMs(header)).toBe(ms);
});
