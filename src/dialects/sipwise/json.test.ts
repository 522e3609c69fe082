import { describe, expect, it } from "vitest";
import { readJson } from "./json.ts";

const read = (text: string) => Object.fromEntries(readJson(Buffer.from(text)).map(({ name, value }) => [name, value]));

describe("a JSON body", () => {
  it("may hold text, numbers as they are written, booleans and null", () => {
    const text = `\uFEFF {"callee": 439911234567890123, "caller": null,
      "silent":true , "x": -1.50, "" : "nameless", "\\u0064ata": "a\\"\\u00fc\\\\+", "list": "[{,}]" }\n`;

    expect(read(text)).toEqual({
      callee: "439911234567890123",
      silent: "true",
      x: "-1.50",
      data: 'a"ü\\+',
      list: "[{,}]",
    });
    expect(read("{}")).toEqual({});
  });

  it("keeps a repeated name, so that a contradiction is seen", () => {
    expect(readJson(Buffer.from(`{"callee":"alice","callee":"mallory"}`))).toEqual([
      { name: "callee", value: "alice" },
      { name: "callee", value: "mallory" },
    ]);
  });

  it.each([
    [`{"callee":{"user":"alice"}}`, "invalid_field", "callee"],
    [`{"callee":["alice"]}`, "invalid_field", "callee"],
    [`{"callee":[],"callee":"alice"}`, "invalid_field", "callee"],
    [`{"a":"b","data_a":"\\ud800"}`, "invalid_encoding", "data_a"],
    [`{"callee":"alice"`, "invalid_json", undefined],
    [`["alice"]`, "invalid_json", undefined],
    ["null", "invalid_json", undefined],
    ['"alice"', "invalid_json", undefined],
    ["callee=alice", "invalid_json", undefined],
  ])("is refused where it is %s", (text, code, field) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code, details: field === undefined ? {} : { field } }));
  });

  it("is read as Windows-1252 where it is no UTF-8", () => {
    const body = Buffer.from(`{"caller":"J\u00fcrgen \x80"}`, "latin1");

    expect(readJson(body)).toEqual([{ name: "caller", value: "Jürgen €" }]);
  });

  it("does not show what it holds in an error", () => {
    expect(() => read(`{"data_message":"secret" oops`)).not.toThrow(/secret/);
  });

  it.each([
    ["escapes", '\\"'.repeat(2_500_000)],
    ["text", "x".repeat(5_000_000)],
  ])("may hold megabytes of %s", (_what, text) => {
    expect(read(`{"data_message":"${text}"}`)["data_message"]?.length).toBe(text.replaceAll("\\", "").length);
  });

  it("is refused, and no stack overflows, where it is nested a million deep", () => {
    const deep = `{"callee":${"[".repeat(1e6)}${"]".repeat(1e6)}}`;

    expect(() => read(deep)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^invalid_(json|field)$/) }),
    );
  });
});
