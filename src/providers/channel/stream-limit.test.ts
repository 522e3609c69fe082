import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countStreams } from "./stream-limit.ts";

const terms = {
  announced: fc.oneof(fc.nat(2_000), fc.constant(2 ** 32 - 1), fc.constant(Infinity)),
  own: fc.integer({ min: 1, max: 1_000 }),
  isProven: fc.boolean(),
};

describe("how many streams a connection may have", () => {
  it("is never more than the peer allows, than we allow, or than one before the first answer", () => {
    fc.assert(
      fc.property(fc.record({ ...terms, isUrgent: fc.boolean() }), (given) => {
        const count = countStreams(given);

        expect(count).toBeLessThanOrEqual(given.announced);
        expect(count).toBeLessThanOrEqual(given.own);
        expect(given.isProven || count <= 1).toBe(true);
      }),
    );
  });

  it("leaves a tenth to calls, and messages are never shut out where anything is allowed", () => {
    fc.assert(
      fc.property(fc.record(terms), (given) => {
        const calls = countStreams({ ...given, isUrgent: true });
        const messages = countStreams({ ...given, isUrgent: false });

        expect(calls - messages).toBe(given.isProven ? Math.floor(calls / 10) : 0);
        expect(messages > 0).toBe(given.announced > 0);
      }),
    );
  });

  it.each([0, 1, 2, 9, 10, 100, 1_000])("obeys %i", (announced) => {
    expect(countStreams({ announced, own: 1_000, isProven: true, isUrgent: true })).toBe(announced);
  });
});
