import fc from "fast-check";
import { expect, it } from "vitest";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../../test/support/builders.ts";
import { shortenToken } from "./device.ts";

it.each([
  [IPHONE_TOKENS.voip, "a1a1a1…a1a1"],
  [ANDROID_TOKEN, "fZ3kq9…6789"],
  ["abcdef", "ab…"],
  ["", "…"],
])("shortens %j to %j", (token, short) => {
  expect(shortenToken(token)).toBe(short);
});

it("never shows more than ten characters of a token, and never all of it", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 3, maxLength: 200 }), (token) => {
      const short = shortenToken(token);

      expect(short.length).toBeLessThanOrEqual(11);
      expect(short.replace("…", "").length).toBeLessThan(token.length);
    }),
  );
});
