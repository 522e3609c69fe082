import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideFate, type ConnectionAge, type Fate, type Lifetime } from "./lifetime.ts";

const MINUTE_MS = 60_000;
const APPLE: Lifetime = { idleMs: Infinity, surplusIdleMs: MINUTE_MS, ageMs: Infinity };
const GOOGLE: Lifetime = { idleMs: 2 * MINUTE_MS, surplusIdleMs: MINUTE_MS, ageMs: 55 * MINUTE_MS };

describe("what becomes of a connection", () => {
  it.each<[string, Lifetime, ConnectionAge, Fate]>([
    [
      "the last one to Apple stays for hours",
      APPLE,
      { ageMs: 600 * MINUTE_MS, idleMs: 600 * MINUTE_MS, isLast: true },
      "keep",
    ],
    [
      "one too many is closed when nobody needs it",
      APPLE,
      { ageMs: 2 * MINUTE_MS, idleMs: MINUTE_MS, isLast: false },
      "close",
    ],
    [
      "one too many stays while it is used now and then",
      APPLE,
      { ageMs: 9 * MINUTE_MS, idleMs: MINUTE_MS - 1, isLast: false },
      "keep",
    ],
    [
      "the last one to Google is closed before Google does it",
      GOOGLE,
      { ageMs: 9 * MINUTE_MS, idleMs: 2 * MINUTE_MS, isLast: true },
      "close",
    ],
    [
      "an old one is replaced while it is in use",
      GOOGLE,
      { ageMs: 55 * MINUTE_MS, idleMs: undefined, isLast: true },
      "replace",
    ],
    ["an old one is closed when it is not", GOOGLE, { ageMs: 55 * MINUTE_MS, idleMs: 0, isLast: true }, "close"],
    ["a young one in use stays", GOOGLE, { ageMs: 54 * MINUTE_MS, idleMs: undefined, isLast: false }, "keep"],
  ])("%s", (_what, lifetime, age, fate) => {
    expect(decideFate(age, lifetime)).toBe(fate);
  });

  it("is never to be closed with requests under way", () => {
    const aLifetime = fc.record({ idleMs: fc.nat(), surplusIdleMs: fc.nat(), ageMs: fc.nat() });

    fc.assert(
      fc.property(aLifetime, fc.nat(), fc.boolean(), (lifetime, ageMs, isLast) => {
        expect(decideFate({ ageMs, idleMs: undefined, isLast }, lifetime)).not.toBe("close");
      }),
    );
  });
});
