/** `npm run bench`: what a push costs, as ratios to the least that this platform can do. See bench/README.md. */
import { runStep } from "../scripts/run-step.ts";
import { hasMissed } from "./arithmetic/verdicts.ts";
import type { BenchCase, CaseContext, CaseResult } from "./cases/bench-case.ts";
import { buildPeerCase } from "./cases/peer.ts";
import { readPeer } from "./stage/peer.ts";
import { CASES, FULL, QUICK } from "./cases/cases.ts";
import { readOptions, USAGE, type BenchOptions } from "./options.ts";
import { formatComparisons, formatFacts, formatVerdicts } from "./report/format-report.ts";
import { judgeAll, type Figures } from "./report/targets.ts";
import { addSummaries, describeMachine, writeReport } from "./report/write-report.ts";
import { openStage, startOwnRedis } from "./stage/stage.ts";

const lines: string[] = [];

function say(...added: readonly string[]): void {
  lines.push(...added);
  console.log(added.join("\n"));
}

async function chooseCases({ isQuick, only, peer }: BenchOptions): Promise<readonly BenchCase[]> {
  const cases = peer === undefined ? CASES : [...CASES, buildPeerCase(await readPeer(peer))];
  const unknown = only?.filter((id) => !cases.some((one) => one.id === id)) ?? [];
  if (unknown.length > 0)
    throw new TypeError(`There is no case ${unknown.join(", ")}. There are: ${cases.map(({ id }) => id).join(", ")}.`);
  if (only !== undefined) return cases.filter(({ id }) => only.includes(id));
  return isQuick ? cases.filter((one) => one.isQuick) : cases;
}

/** Undefined if the case failed; the others go on, and the exit code is 1. */
async function runCase(one: BenchCase, context: CaseContext): Promise<CaseResult | undefined> {
  try {
    return await one.run(context);
  } catch (error) {
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    await context.stage.standIn.ask({ kind: "delay", ms: 0 });
    await context.stage.standIn.ask({ kind: "away", isAway: false });
    return undefined;
  }
}

async function build(): Promise<void> {
  const { passed, output } = await runStep(["node", "scripts/build.ts"]);
  if (!passed) throw new Error(`dist/ could not be built:\n${output}`);
}

async function run(options: BenchOptions): Promise<boolean> {
  const chosen = await chooseCases(options);
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
  const cases: Record<string, object> = {};
  let figures: Figures = {};
  for (const one of chosen) {
    say("", `── ${one.title}`);
    const result = await runCase(one, context);
    if (result === undefined) continue;
    say(...formatComparisons(result.comparisons), ...formatFacts(result.facts));
    cases[one.id] = addSummaries(result);
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

try {
  const options = readOptions(process.argv.slice(2));
  if (options.isHelp) console.log(USAGE);
  else if (!(await run(options)) && options.isStrict) process.exitCode = 1;
} catch (error) {
  // A fault of the arguments, or of the file that describes a peer.
  if (!(error instanceof TypeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
