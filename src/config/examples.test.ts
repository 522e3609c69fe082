import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse-config.ts";

const EXAMPLES = new URL("../../examples/config/", import.meta.url);

describe("the examples", () => {
  it.each(readdirSync(EXAMPLES))("%s has the right form", (file) => {
    const text = readFileSync(new URL(file, EXAMPLES), "utf8");

    const { raw, report } = parseConfig({ file, text, env: {} });

    expect(report.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(raw).toBeDefined();
  });
});
