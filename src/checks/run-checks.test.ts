import { expect, it } from "vitest";
import { failed, ok, skipped, warning, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";
import { runChecks } from "./run-checks.ts";

function aCheck(name: string, run: Check["run"]): Check {
  return { name, run };
}

function run(checks: readonly Check[], onProgress: (running: readonly string[]) => void = () => undefined) {
  return runChecks(checks, { clock: () => 5, timeoutMs: 100, onProgress });
}

it("answers in their order, whoever ends first", async () => {
  const { promise, resolve } = Promise.withResolvers<readonly Finding[]>();
  const slow = aCheck("dns", () => promise);
  const fast = aCheck("tls", async () => {
    resolve([ok("late")]);
    return [ok("early")];
  });

  const reports = await run([slow, fast]);

  expect(reports).toEqual([
    { name: "dns", title: "DNS zone", verdict: "ok", duration_ms: 0, findings: [ok("late")] },
    { name: "tls", title: "trusted TLS certificate", verdict: "ok", duration_ms: 0, findings: [ok("early")] },
  ]);
});

it("tells which ones are still running", async () => {
  const seen: string[][] = [];

  await run([aCheck("tls", async () => []), aCheck("dns", async () => [])], (running) => seen.push([...running]));

  expect(seen).toEqual([["tls", "dns"], ["dns"], []]);
});

it.each([
  ["failed", [ok("a"), failed("b", "c"), warning("d", "e")]],
  ["warning", [skipped("a"), warning("b", "c"), ok("d")]],
  ["ok", [skipped("a"), ok("b")]],
  ["skipped", [skipped("a")]],
  ["skipped", []],
] as const)("is %s as a whole with the worst of its findings", async (verdict, findings) => {
  expect(await run([aCheck("tls", async () => findings)])).toMatchObject([{ verdict }]);
});

it("ends a check that does not end, and contains one that goes wrong", async () => {
  const endless = aCheck("dns", () => new Promise(() => undefined));
  const faulty = aCheck("time", () => Promise.reject(new Error("oops")));

  expect(await run([endless, faulty, aCheck("tls", async () => [ok("fine")])])).toMatchObject([
    { verdict: "failed", findings: [{ what: "It did not end within 0.1 s." }] },
    { verdict: "failed", findings: [{ what: "The check itself went wrong: oops" }] },
    { verdict: "ok" },
  ]);
});
