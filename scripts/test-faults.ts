/**
 * `npm run test:faults [-- --only NAME] [--seed N] [--scale X] [--short]`: the fault scenarios in their long form. Writes
 * artifacts/faults/report.json and report.md, and fails if a promise was broken.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { renderReport } from "../test/faults/report.ts";
import { runInGroup } from "../test/faults/run-in-group.ts";
import type { Scenario, ScenarioEnd, Size } from "../test/faults/scenario.ts";
import { ALL_RUNS } from "../test/faults/scenarios.ts";
import { renderTotals } from "../test/faults/totals.ts";

const SCRIPT = join(import.meta.dirname, "../test/faults/run-planned.ts");
/** Many times the duration of the longest scenario at scale 1. */
const LIMIT_MS = 15 * 60_000;
const FOLDER = join(import.meta.dirname, "../artifacts/faults");

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    seed: { type: "string" },
    scale: { type: "string", default: "1" },
    short: { type: "boolean", default: false },
  },
});
const seed = readNumber("seed", values.seed ?? String(Date.now() % 2 ** 32));
const scale = readNumber("scale", values.scale);
const planned = choose(values.only);

const startedAt = new Date().toISOString();
const runs: ScenarioEnd[] = [];
const brokenOff: string[] = [];
for (const { scenario, index } of planned) {
  if (scenario.canRun?.() === false) {
    console.log(`- ${scenario.name} left out: this machine does not allow it`);
    continue;
  }
  try {
    const end = await runPlanned(scenario, index);
    runs.push(end);
    console.log(lineOf(end));
    for (const { invariant, detail } of end.violations.slice(0, 5)) console.log(`  ${invariant}: ${detail}`);
  } catch (error) {
    brokenOff.push(`${scenario.name} broke off: ${error instanceof Error ? error.message : String(error)}`);
    console.log(`✖ ${brokenOff.at(-1)}`);
  }
  // After each run, so that an aborted series keeps its findings.
  const report = { startedAt, node: process.version, seed, scale, runs, brokenOff };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "report.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(FOLDER, "report.md"), renderReport(report));
}
const failed = runs.filter(({ violations }) => violations.length > 0).length;
console.log(`\n${renderTotals(runs)}`);
console.log(`seed ${seed}; the report is in artifacts/faults/report.md`);
console.log(`${runs.length - failed} passed, ${failed + brokenOff.length} failed`);
if (failed + brokenOff.length > 0) process.exitCode = 1;

async function runPlanned(scenario: Scenario, index: number): Promise<ScenarioEnd> {
  const options = JSON.stringify({ seed, size: sizeOf(scenario), boundsTakeOver: !values.short });
  const args = [String(index), options];
  return (await runInGroup({ script: SCRIPT, args, limitMs: LIMIT_MS * Math.max(1, scale) })) as ScenarioEnd;
}

function sizeOf({ short, long }: Scenario): Size {
  if (values.short) return short;
  return { ...long, rounds: Math.max(1, Math.round(long.rounds * scale)) };
}

function lineOf({ scenario, store, seconds, counts, violations }: ScenarioEnd): string {
  const { accepted, lost, duplicates, duplicatesAllowed, takeOverMs } = counts;
  const mark = violations.length === 0 ? "✔" : "✖";
  return (
    `${mark} ${scenario.padEnd(20)} ${store.padEnd(14)} ${seconds.toFixed(0).padStart(4)} s  ${accepted} accepted, ${lost} lost, ` +
    `${duplicates} of ${duplicatesAllowed} possible duplicates, take-over p99 ${takeOverMs.p99} ms`
  );
}

function choose(
  names: readonly string[] | undefined,
): readonly { readonly scenario: Scenario; readonly index: number }[] {
  const known = new Set(ALL_RUNS.map(({ scenario }) => scenario.name));
  const unknown = names?.find((name) => !known.has(name));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}; there are ${[...known].join(", ")}.`);
  const all = ALL_RUNS.map(({ scenario }, index) => ({ scenario, index }));
  return all.filter(({ scenario }) => names?.includes(scenario.name) ?? true);
}

function readNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new Error(`--${option} takes a number, not ${text}.`);
  return number;
}
