/** `npm run bench`: what a push costs, as ratios to the least that this platform can do. See bench/README.md. */
import { runStep } from "../scripts/run-step.ts";
import { hasMissed } from "./arithmetic/verdicts.ts";
import type { BenchCase, CaseResult } from "./cases/bench-case.ts";
import { CASES, FULL, QUICK } from "./cases/cases.ts";
import { readOptions, USAGE, type BenchOptions } from "./options.ts";
import { formatComparisons, formatFacts, formatVerdicts } from "./report/format-report.ts";
import { judgeAll, type Figures } from "./report/targets.ts";
import { describeMachine, writeReport } from "./report/write-report.ts";
import { openStage, startOwnRedis } from "./stage/stage.ts";

const lines: string[] = [];

function say(...added: readonly string[]): void {
  lines.push(...added);
  console.log(added.join("\n"));
}

function chooseCases({ isQuick, only }: BenchOptions): readonly BenchCase[] {
  const unknown = only?.filter((id) => !CASES.some((one) => one.id === id)) ?? [];
  if (unknown.length > 0)
    throw new TypeError(`There is no case ${unknown.join(", ")}. There are: ${CASES.map(({ id }) => id).join(", ")}.`);
  if (only !== undefined) return CASES.filter(({ id }) => only.includes(id));
  return isQuick ? CASES.filter((one) => one.isQuick) : CASES;
}

async function build(): Promise<void> {
  const { passed, output } = await runStep(["node", "scripts/build.ts"]);
  if (!passed) throw new Error(`dist/ could not be built:\n${output}`);
}

async function run(options: BenchOptions): Promise<boolean> {
  const chosen = chooseCases(options);
  if (options.isBuilt) await build();
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  say(
    `${machine.cores} × ${machine.model}, ${machine.memoryGb} GB, kernel ${machine.kernel}, Node ${machine.node}, load average ${machine.loadBefore.toFixed(1)}`,
    "The gateway is dist/, built from this checkout. CPU: user and system time of all its processes until all pushes have arrived.",
  );
  await using stage = await openStage();
  await using redis = await startOwnRedis();
  if (redis === undefined) say("There is no redis-server: cases with Redis are left out.");
  const sizes = options.isQuick ? QUICK : FULL;
  const context = { stage, redis, sizes: { ...sizes, rounds: options.rounds ?? sizes.rounds } };
  const cases: Record<string, CaseResult> = {};
  let figures: Figures = {};
  for (const one of chosen) {
    say("", `── ${one.title}`);
    const result = await one.run(context);
    say(...formatComparisons(result.comparisons), ...formatFacts(result.facts));
    cases[one.id] = result;
    figures = { ...figures, ...result.figures };
  }
  const targets = judgeAll(figures);
  say("", ...formatVerdicts(targets));
  const file = await writeReport(
    options.isQuick ? "quick" : "bench",
    { startedAt, machine, cases, targets },
    lines.join("\n"),
  );
  console.log(`\n${file}`);
  return !hasMissed(targets);
}

const options = readOptions(process.argv.slice(2));
if (options.isHelp) console.log(USAGE);
else if (!(await run(options)) && options.isStrict) process.exitCode = 1;
