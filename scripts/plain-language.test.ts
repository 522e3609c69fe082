import { describe, expect, it } from "vitest";
import { RULES } from "./language/rules.ts";
import { findExcess, findInFile, lower } from "./plain-language.ts";

/** One sentence for each rule, in its order. */
const BANNED = [
  "Who finds no room tries again.",
  "What was read. Then more.",
  "Undefined where the token is unknown.",
  "A name is none.",
  "Bytes that are no UTF-8.",
  "A page in the place of a redirect.",
  "An end is made good.",
  "A phone that rings in vain.",
  "A client holds the line.",
  "Answers whether it is over.",
  "The time tells nothing.",
  "A gateway hears of each shard.",
  "Where nobody waits, or where there is one.",
  "The first one, else the last.",
  "An iPhone by way of Firebase.",
  "Its name of old.",
  "Writes the file anew.",
  "Whether it is over.",
  "The command as it stands.",
  "10 seconds unless told.",
];

const foundIn = (path: string, content: string): readonly string[] =>
  findInFile(path, content).map(({ line, found }) => `${line}: ${found}`);

describe("a rule", () => {
  it.each(RULES.map((rule, at) => [BANNED[at] ?? "", rule] as const))("is broken by %j", (sentence, rule) => {
    expect(sentence.match(rule.pattern)).not.toBeNull();
  });

  it("lets plain sentences pass", () => {
    const sentences = [
      "Returns undefined if there is none.",
      "What is that? Who knows?",
      "There is no room, and no longer any reason.",
      "A client that waits is told what happened.",
    ];

    expect(foundIn("src/a.ts", sentences.map((sentence) => `// ${sentence}\n\n`).join(""))).toEqual([]);
  });
});

describe("a program", () => {
  it("is searched in its comments alone, also across their lines", () => {
    const source = [
      'const text = "Who waits.";',
      "/**",
      " * Compares two tokens. What",
      " * was shown is the first one, in the",
      " * place of the second.",
      " */",
      'const url = "http://x"; // Undefined where unknown.',
    ];

    expect(foundIn("src/a.ts", source.join("\n"))).toEqual([
      "3: What was shown is the first one, in the place of t",
      "4: in the place of",
      "7: Undefined where",
    ]);
    expect(foundIn("src/a.lua", "-- Who waits.\nlocal x = 1")).toEqual(["1: Who waits"]);
  });
});

describe("a document", () => {
  it("is searched outside of headings and code", () => {
    const text = ["# What is new", "", "`Who waits.` is code.", "", "```", "Who waits.", "```", "| a | Who waits |"];

    expect(foundIn("docs/a.md", text.join("\n"))).toEqual(["8: Who waits"]);
  });
});

describe("the numbers that are allowed", () => {
  const findings = ["src/push/a.ts", "src/push/deep/b.ts", "README.md"].map((path) => ({
    path,
    line: 1,
    found: "in vain",
    instead: "something else",
  }));

  it("hold for a folder and all below it", () => {
    expect(findExcess(findings, { "src/push": 2, ".": 1 })).toEqual([]);
    expect(findExcess(findings, { "src/push": 1, ".": 1 })).toEqual([["src/push", findings.slice(0, 2)]]);
    expect(findExcess(findings, { "src/push": 2 })).toEqual([[".", findings.slice(2)]]);
  });

  it("are lowered, never raised, and dropped for a clean folder", () => {
    expect(lower(findings, { "src/push": 5, ".": 1, "src/http": 3 })).toEqual({ "src/push": 2, ".": 1 });
    expect(lower(findings, { "src/push": 1 })).toEqual({ "src/push": 1 });
  });
});
