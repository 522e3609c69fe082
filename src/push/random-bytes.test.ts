import { expect, it } from "vitest";
import { takeRandomBytes } from "./random-bytes.ts";

it("returns different bytes each time, also when the pool is filled again", () => {
  const taken = Array.from({ length: 2_000 }, () => Buffer.from(takeRandomBytes(16)).toString("hex"));

  expect(new Set(taken).size).toBe(2_000);
  expect(taken.every((hex) => hex.length === 32)).toBe(true);
});

it("leaves what it has returned alone", () => {
  const first = takeRandomBytes(16);
  const before = [...first];
  for (let i = 0; i < 1_000; i += 1) takeRandomBytes(16);

  expect([...first]).toEqual(before);
});

it("refuses more than the pool holds", () => {
  expect(() => takeRandomBytes(4_097)).toThrow(RangeError);
});
