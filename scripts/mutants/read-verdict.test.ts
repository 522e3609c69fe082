import { describe, expect, it } from "vitest";
import { readVerdict } from "./read-verdict.ts";

type Test = readonly [status: string, fullName: string, failure?: string];

function reportOf(tests: readonly Test[], message = ""): string {
  const assertionResults = tests.map(([status, fullName, failure]) => ({
    status,
    fullName,
    failureMessages: failure === undefined ? [] : [failure],
  }));
  return JSON.stringify({ testResults: [{ message, assertionResults }] });
}

const run = (exitCode: number | undefined, report?: string, output = "") => ({ exitCode, report, output });

describe("what became of a mutant", () => {
  it("survives a suite that passes", () => {
    expect(readVerdict(run(0, reportOf([["passed", "a"]])))).toEqual({ kind: "survived" });
  });

  it("is caught by the first test that fails", () => {
    const report = reportOf([
      ["passed", "a"],
      ["failed", "b", "AssertionError: expected 1 to be 2"],
      ["skipped", "c"],
    ]);

    expect(readVerdict(run(1, report))).toEqual({ kind: "caught", by: "b", isTimeout: false });
  });

  it("is caught by a test that hangs, which is said", () => {
    const report = reportOf([["failed", "a", "Error: Test timed out in 20000ms."]]);

    expect(readVerdict(run(1, report))).toEqual({ kind: "caught", by: "a", isTimeout: true });
  });

  it("is caught by a suite that had to be killed, which is said", () => {
    expect(readVerdict(run(undefined))).toMatchObject({ kind: "caught", isTimeout: true });
  });

  it("is caught by an error outside the tests, where some have passed", () => {
    const verdict = readVerdict(run(1, reportOf([["passed", "a"]])));

    expect(verdict).toEqual({ kind: "caught", by: "an error outside any test", isTimeout: false });
  });

  it.each<[string, ReturnType<typeof run>, string]>([
    ["cannot be loaded", run(1, reportOf([], "SyntaxError: Unexpected token")), "SyntaxError"],
    ["has no test of that name", run(0, reportOf([["skipped", "a"]])), "no test ran"],
    ["writes no report", run(1, undefined, "Startup Error: no config"), "no config"],
  ])("is not known from a suite that %s", (_what, suiteRun, why) => {
    const verdict = readVerdict(suiteRun);

    expect(verdict).toMatchObject({ kind: "broken", why: expect.stringContaining(why) as string });
  });
});
