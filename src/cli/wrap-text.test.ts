import fc from "fast-check";
import { expect, it } from "vitest";
import { wrapText } from "./wrap-text.ts";

it("leaves a short text on one line", () => {
  expect(wrapText("  What to do:   ", "Wait.")).toEqual(["  What to do:   Wait."]);
});

it("stands further lines under the text", () => {
  expect(wrapText("  A: ", `${"x".repeat(90)} yyyyy zzzzz`)).toEqual([`  A: ${"x".repeat(90)}`, "     yyyyy zzzzz"]);
});

it("loses no word, and makes no line longer than 100 but for a single word", () => {
  const word = fc.stringMatching(/^[a-z]{1,120}$/);

  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
      const lines = wrapText("  B: ", words.join(" "));

      expect(lines.join(" ").replace("B:", "").split(/\s+/).filter(Boolean)).toEqual(words);
      for (const line of lines) expect(line.length <= 100 || line.trim().split(" ").length <= 2).toBe(true);
    }),
  );
});
