import fc from "fast-check";
import { expect, it } from "vitest";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../../test/fixtures/builders.ts";
import { readToken, shortenToken } from "./device.ts";

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

it.each([
  ["voip", "AB12".repeat(16), "ab12".repeat(16)],
  ["remote", "ab12".repeat(40), "ab12".repeat(40)],
  ["remote", "abc", undefined],
  ["voip", "ab12-ab12", undefined],
  ["registration", ANDROID_TOKEN, ANDROID_TOKEN],
  ["registration", "with a space", undefined],
  ["registration", "short", undefined],
  ["registration", "undefined", undefined],
  ["registration", "BLACKLISTED", undefined],
  ["registration", "Unregistered", undefined],
  ["registration", "_undefined_", undefined],
  ["registration", "(unknown)", undefined],
  ["registration", "NOT_AVAILABLE", undefined],
  ["registration", ` ${ANDROID_TOKEN}\n`, ANDROID_TOKEN],
  ["registration", "AbCdEfGhIjKlMnOpQrStUv", "AbCdEfGhIjKlMnOpQrStUv"],
  ["remote", "<AB12cd34 ab12cd34>", "ab12cd34ab12cd34"],
  ["voip", "BLACKLISTED", undefined],
] as const)("reads the %s token %j as %j", (kind, text, token) => {
  expect(readToken(kind, text)).toBe(token);
});
