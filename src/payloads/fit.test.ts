import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Content, fitContent, jsonMemberBytes } from "./fit.ts";

const measure = (content: Content) => Buffer.byteLength(JSON.stringify(content));
const fit = (content: Content, limit: number) => fitContent(content, { measure, memberBytes: jsonMemberBytes }, limit);
const bytesWithout = (content: Content, bytes: number) => measure(content) - bytes;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const charactersOf = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

/** Returns the number of characters kept, or undefined if the text was not shortened. */
function keptOf(before: string | undefined, after: string | undefined): number | undefined {
  if (before === after || before === undefined || after === undefined) return undefined;
  return charactersOf(before).findIndex((_, length, all) => all.slice(0, length).join("") === after.slice(0, -1));
}

const FAMILY = "👨‍👩‍👧‍👦";
const THUMB = "👍🏽";
const FLAG = "🇦🇹";
const E_ACUTE = "e\u0301";

describe("fitContent", () => {
  it("leaves alone what fits", () => {
    const content = { data: { message: "hi", full_message: "<message/>" }, alert: "hi" };

    expect(fit(content, measure(content))).toBe(content);
  });

  it("drops the full message first, and nothing else if that is enough", () => {
    const content = {
      data: { message: "hi", full_message: "x".repeat(5_000), sender_jid: "bob@example.org" },
      alert: "hi",
    };

    expect(fit(content, 4_096)).toEqual({ data: { message: "hi", sender_jid: "bob@example.org" }, alert: "hi" });
  });

  it("then shortens message and alert alike, with a sign that something is missing", () => {
    const text = "abcdefghij".repeat(10);
    const content = { data: { message: text, full_message: "x", type: "message" }, alert: text };

    const { data, alert } = fit(content, 150);

    expect(data["message"]).toBe(alert);
    expect(alert).toMatch(/^abcdefghij.*…$/);
    expect(data).not.toHaveProperty("full_message");
    expect(data["type"]).toBe("message");
  });

  it("keeps as much of the text as fits", () => {
    const content = { data: { message: "x".repeat(1_000) } };

    expect(measure(fit(content, 500))).toBe(500);
  });

  it("shortens a message that no alert goes with, and an alert that no message goes with", () => {
    const long = "x".repeat(1_000);

    expect(fit({ data: { message: long, type: "t" } }, 100)).not.toHaveProperty("alert");
    expect(fit({ data: { type: "t" }, alert: long }, 100).data).toEqual({ type: "t" });
  });

  it.each([
    ["a family", FAMILY],
    ["a thumb with its skin tone", THUMB],
    ["a flag", FLAG],
    ["a letter with its accent", E_ACUTE],
  ])("never cuts %s in two", (_what, character) => {
    const content = { data: {}, alert: character.repeat(20) };

    for (let limit = measure({ data: {}, alert: "…" }); limit < measure(content); limit += 1) {
      const text = fit(content, limit).alert ?? "";

      expect(character.repeat(20).startsWith(text.slice(0, -1))).toBe(true);
      expect((text.length - 1) % character.length).toBe(0);
    }
  });

  it("drops the longest other members where no text is left to shorten", () => {
    const content = { data: { type: "message", blob: "x".repeat(300), stanza: "y".repeat(200) }, alert: "hi" };

    expect(fit(content, 280)).toEqual({ data: { type: "message", stanza: "y".repeat(200) }, alert: "hi" });
  });

  it("does not blank what the phone shows because of another member that is dropped in the end", () => {
    const content = {
      data: { message: "Lunch at 12?", blob: "x".repeat(5_000), type: "message" },
      alert: "Lunch at 12?",
    };

    expect(fit(content, 4_096)).toEqual({ data: { message: "Lunch at 12?", type: "message" }, alert: "Lunch at 12?" });
  });

  it("would rather drop another member than the message, however long that is", () => {
    const { data } = fit({ data: { message: "m".repeat(1_000), blob: "x".repeat(500), type: "message" } }, 200);

    expect(data).toEqual({ message: expect.stringMatching(/^m{100,}…$/), type: "message" });
  });

  it("comes to an end where nothing can fit", () => {
    expect(fit({ data: { message: "hi", a: "b" }, alert: "hi" }, 1)).toEqual({ data: {}, alert: "…" });
  });

  it("renders a payload of thousands of members a handful of times", () => {
    const members = Array.from({ length: 6_500 }, (_, index) => [index.toString(36), index % 7 === 0 ? "é" : ""]);
    let count = 0;
    const counted = (content: Content) => {
      count += 1;
      return measure(content);
    };

    const { data } = fitContent(
      { data: Object.fromEntries(members) },
      { measure: counted, memberBytes: jsonMemberBytes },
      4_096,
    );

    expect(count).toBeLessThanOrEqual(10);
    expect(measure({ data })).toBeGreaterThan(4_096 - 20);
  });

  it("does not change what it was given", () => {
    const content = Object.freeze({ data: Object.freeze({ message: "x".repeat(100), full_message: "y" }), alert: "z" });

    expect(fit(content, 50).data["message"]).not.toBe(content.data.message);
  });

  const unicode = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc
      .array(fc.constantFrom(FAMILY, THUMB, FLAG, E_ACUTE, "a", "\u200d", "\ufe0f"), { maxLength: 30 })
      .map((all) => all.join("")),
  );
  const anyContent: fc.Arbitrary<Content> = fc
    .record(
      {
        message: unicode,
        full_message: unicode,
        alert: unicode,
        others: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), unicode, { maxKeys: 5 }),
      },
      { requiredKeys: ["others"] },
    )
    .map(({ alert, others, ...texts }) => ({
      data: { ...others, ...texts },
      ...(alert === undefined ? {} : { alert }),
    }));

  /** Returns the names that are left if members are removed one at a time until the rest fits. */
  function keptOneByOne(content: Content, limit: number): string[] {
    const cut = (text: string) => (text === "" ? "" : "…");
    const fitsCut = ({ data, alert }: Content): boolean => {
      const texts = alert === undefined ? {} : { alert: cut(alert) };
      const message = data["message"] === undefined ? {} : { message: cut(data["message"]) };
      return measure({ data: { ...data, ...message }, ...texts }) <= limit;
    };
    const lengthOf = (name: string) => (name === "message" ? 0 : name.length + (content.data[name]?.length ?? 0));
    if (measure(content) <= limit) return Object.keys(content.data).toSorted();
    const { full_message: _fullMessage, ...rest } = content.data;
    const names = Object.keys(rest).toSorted((a, b) => lengthOf(b) - lengthOf(a));
    if (measure({ ...content, data: rest }) <= limit) return names.toSorted();
    while (names.length > 0) {
      const data = Object.fromEntries(names.map((name) => [name, content.data[name] ?? ""]));
      if (fitsCut({ ...content, data })) break;
      names.shift();
    }
    return names.toSorted();
  }

  it("always fits where even an empty push would", () => {
    fc.assert(
      fc.property(anyContent, fc.integer({ min: 0, max: 400 }), (content, limit) => {
        const least = measure(content.alert === undefined ? { data: {} } : { data: {}, alert: "…" });

        expect(measure(fit(content, Math.max(limit, least)))).toBeLessThanOrEqual(Math.max(limit, least));
      }),
      { numRuns: 500 },
    );
  });

  it("only ever drops members whole, and cuts message and alert at the same character", () => {
    fc.assert(
      fc.property(anyContent, fc.integer({ min: 1, max: 200 }), (content, bytes) => {
        const fitted = fit(content, bytesWithout(content, bytes));
        if (fitted === content) return;

        expect(fitted.data).not.toHaveProperty("full_message");
        const { message: _message, ...others } = fitted.data;
        expect(content.data).toMatchObject(others);
        const kept = [keptOf(content.data["message"], fitted.data["message"]), keptOf(content.alert, fitted.alert)];
        expect(kept).not.toContain(-1);
        expect(new Set(kept.filter((length) => length !== undefined)).size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["far too small", () => 1],
    ["far too large", () => 1_000],
    ["nothing", () => 0],
  ])("finds the same with an estimate of the sizes that is %s", (_what, memberBytes) => {
    fc.assert(
      fc.property(anyContent, fc.integer({ min: 30, max: 300 }), (content, limit) => {
        const { data } = fitContent(content, { measure, memberBytes }, limit);

        expect(Object.keys(data).toSorted()).toEqual(keptOneByOne(content, limit));
      }),
    );
  });

  it("leaves out no more members than one at a time would", () => {
    fc.assert(
      fc.property(anyContent, fc.integer({ min: 0, max: 300 }), (content, limit) => {
        expect(Object.keys(fit(content, limit).data).toSorted()).toEqual(keptOneByOne(content, limit));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps well-formed text well-formed", () => {
    const wellFormed = anyContent.filter((content) =>
      [content.alert ?? "", ...Object.values(content.data)].every((text) => text.isWellFormed()),
    );

    fc.assert(
      fc.property(wellFormed, fc.integer({ min: 1, max: 200 }), (content, bytes) => {
        const fitted = fit(content, bytesWithout(content, bytes));

        expect([fitted.alert ?? "", ...Object.values(fitted.data)].every((text) => text.isWellFormed())).toBe(true);
      }),
    );
  });
});
