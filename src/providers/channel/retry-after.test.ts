import fc from "fast-check";
import { expect, it } from "vitest";
import { readRetryAfter } from "./retry-after.ts";

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

it.each([
  ["120", 120_000],
  [" 7 ", 7_000],
  ["0", undefined],
  ["-5", undefined],
  ["soon", undefined],
  ["", undefined],
  ["1e3", undefined],
  ["99999999999999999999", HOUR_MS],
  [new Date(NOW + 9_000).toUTCString(), 9_000],
  [new Date(NOW - 9_000).toUTCString(), undefined],
  ["Fri, 31 Dec 2999 23:59:59 GMT", HOUR_MS],
])("reads %o", (header, ms) => {
  expect(readRetryAfter(header, NOW)).toBe(ms);
});

it("reads the first of several, and nothing of none", () => {
  expect(readRetryAfter(["3", "9"], NOW)).toBe(3_000);
  expect(readRetryAfter(undefined, NOW)).toBeUndefined();
});

it("never answers what nobody can wait for, whatever the header says", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.integer().map(String)), (header) => {
      const ms = readRetryAfter(header, NOW);

      return ms === undefined || (ms > 0 && ms <= HOUR_MS);
    }),
  );
});
