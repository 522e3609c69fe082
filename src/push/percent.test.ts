import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePercent } from "./percent.ts";

const inForms = (text: string) => decodePercent(text, { plusIsSpace: true });
const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

describe("percent-encoded text", () => {
  it.each([
    ["", ""],
    ["plain ~_.-*", "plain ~_.-*"],
    ["a+b%2Bc%2bd", "a b+c+d"],
    ["%c3%BC", "ü"],
    [latin1("ü%20€"), "ü €"],
    ["\u00c3%bc", "ü"],
  ])("%j is %j", (text, decoded) => {
    expect(inForms(text)).toBe(decoded);
  });

  it("keeps a plus where the caller says so", () => {
    expect(decodePercent("+43%20+1", { plusIsSpace: false })).toBe("+43 +1");
  });

  it.each(["%", "%2", "%zz", "%2z", "%z2", "%-1", "% 1", "%@0", "%G0", "a%%20"])(
    "has no meaning where it is %j",
    (text) => {
      expect(inForms(text)).toBeUndefined();
    },
  );

  it.each([
    ["%ff", "ÿ"],
    ["%fc", "ü"],
    ["%80", "€"],
    ["%c3", "Ã"],
    ["\u00fc", "ü"],
    ["%c0%af", "À¯"],
  ])("is Windows-1252 where %j is no UTF-8", (text, decoded) => {
    expect(inForms(text)).toBe(decoded);
  });

  it("decodes what decodeURIComponent decodes, and refuses what is no escape", () => {
    const pieces = fc.constantFrom(
      "%",
      "%c3",
      "%BC",
      "%e2%82%ac",
      "%f0%9f%98%80",
      "%ed%a0%80",
      "a",
      "2",
      "0f",
      "/",
      " ",
    );
    const texts = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(""));

    expect(() =>
      fc.assert(
        fc.property(texts, (text) => agreesWithRuntime(text)),
        { numRuns: 2000 },
      ),
    ).not.toThrow();
  });
});

function agreesWithRuntime(text: string): boolean {
  const decoded = decodePercent(text, { plusIsSpace: false });
  if (/%(?![0-9a-f]{2})/i.test(text)) return decoded === undefined;
  try {
    return decoded === decodeURIComponent(text);
  } catch {
    return decoded !== undefined && decoded.isWellFormed();
  }
}
