import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFormValue, decodeLooseFormValue, plusMeaningOf } from "./form-value.ts";

describe("a raw plus in a form", () => {
  it.each([
    ["aor", "sip:+43660@example.org", "sip:+43660@example.org"],
    ["callee", "+43660", "+43660"],
    ["callee", "alice+phone@example.org", "alice+phone@example.org"],
    ["call_id", "a+b%2Bc@host", "a+b+c@host"],
    ["push_id", "a+b", "a+b"],
    ["caller", "+43660", "+43660"],
    ["caller", "Bob+Smith", "Bob Smith"],
    ["caller", "sip:bob+x@example.org", "sip:bob+x@example.org"],
    ["caller", "Bob+Smith+<sip:+43@example.org>", "Bob Smith <sip:+43@example.org>"],
    ["caller", "%22Bob+Smith%22+%3Csip:+43@example.org%3E", '"Bob Smith" <sip:+43@example.org>'],
    ["display_name", "Bob+Smith", "Bob Smith"],
    ["display_name", "+43+660", "+43 660"],
    ["data_sender_number", "+43660", "+43660"],
    ["contact", "<sip:+43@192.0.2.1>;+sip.instance=%22<urn:x>%22", '<sip:+43@192.0.2.1>;+sip.instance="<urn:x>"'],
    ["contact", 'Bob+S+<sip:+1@x>,+"C+D"+<sip:+2@x>', 'Bob S <sip:+1@x>, "C D" <sip:+2@x>'],
    ["contact", 'sip:+1@x;+sip.instance="<urn:x>",+sip:+2@x', 'sip:+1@x;+sip.instance="<urn:x>", sip:+2@x'],
    ["data_message", "+1+for+me", " 1 for me"],
  ])("of %s=%s means %j", (field, encoded, text) => {
    expect(decodeFormValue(encoded, plusMeaningOf(field))).toBe(text);
  });

  it("leaves what is encoded as it is", () => {
    const encode = (text: string) => encodeURIComponent(text);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.constantFrom("aor", "caller", "data_message"), (text, field) => {
        fc.pre(text.isWellFormed());
        expect(decodeFormValue(encode(text), plusMeaningOf(field))).toBe(text);
      }),
    );
  });

  it("is decoded beside a percent sign that escapes nothing", () => {
    expect(decodeFormValue("50%+x", "address")).toBeUndefined();
    expect(decodeLooseFormValue("50%+%41", "text")).toBe("50% A");
  });
});
