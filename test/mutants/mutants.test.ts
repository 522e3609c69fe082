import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plant, StaleMutantError } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { testsIn } from "./suites.ts";

const PROJECT = join(import.meta.dirname, "../..");

const aMutant = { name: "m", file: "a.lua", find: "x", replace: "y", suite: testsIn("a.test.ts") };

describe("the mutants of npm run test:mutants", () => {
  it.each(MUTANTS)("still fit the tree: $name", (mutant) => {
    const text = readFileSync(join(PROJECT, mutant.file), "utf8");

    expect(plant(mutant, text)).not.toBe(text);
  });

  it("name suites that exist", () => {
    const files = new Set(MUTANTS.flatMap(({ suite }) => suite.files));

    expect([...files].filter((file) => !existsSync(join(PROJECT, file)))).toEqual([]);
  });

  it("are at least forty, and each has a name of its own", () => {
    const names = MUTANTS.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(40);
  });
});

describe("planting a mutant", () => {
  it("replaces the one place, and takes the replacement as it is written", () => {
    expect(plant({ ...aMutant, replace: "$&" }, "a x b")).toBe("a $& b");
  });

  it.each(["a b", "x x"])("refuses a text that is not there exactly once: %s", (text) => {
    expect(() => plant(aMutant, text)).toThrow(StaleMutantError);
  });
});
