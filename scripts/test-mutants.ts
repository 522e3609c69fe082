/**
 * `npm run test:mutants [-- --only NAME]`: plants bugs in copies of the project, one at a time, and requires that the
 * suite of each one fails. Exits with 1 if a bug survives or no longer fits the tree.
 */
import { parseArgs } from "node:util";
import { plant, StaleMutantError, type Mutant, type Suite } from "../test/mutants/mutant.ts";
import { MUTANTS } from "../test/mutants/mutants.ts";
import { copyProject, type ProjectCopy } from "./mutants/project-copy.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Verdict } from "./mutants/read-verdict.ts";
import { runSuite } from "./mutants/run-suite.ts";
import { PROJECT } from "./run-step.ts";

const WORKERS = 2;
/** Several times the duration of the slowest suite. A hanging test ends earlier by its own limit. */
const SUITE_TIMEOUT_MS = 180_000;

const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
const chosen = choose(values.only);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(new Error(signal)));

const counts = { caught: 0, timeouts: 0, survived: 0, stale: 0, broken: 0 };
const stale = new Set<string>();
await using copies = new AsyncDisposableStack();
const trees: ProjectCopy[] = [];
for (let index = 0; index < Math.min(WORKERS, chosen.length); index += 1) {
  trees.push(copies.use(await copyProject(PROJECT)));
}
const startedAt = performance.now();
await reportStale();
const sound = await findSoundSuites();
await shareOut(chosen, async (mutant, tree) => {
  if (stale.has(mutant.name)) return;
  if (!sound.has(nameOf(mutant.suite))) return say(mutant, { kind: "broken", why: "its suite fails without it" }, 0);
  const begunAt = performance.now();
  const verdict = await tree.withMutant(mutant, () => runIn(tree, mutant.suite));
  say(mutant, verdict, (performance.now() - begunAt) / 1000);
});
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
const { caught, timeouts, survived, broken } = counts;
console.log(`\n${caught} caught (${timeouts} of them by a time-out), ${survived} survived, in ${minutes} minutes`);
if (counts.stale + broken > 0) console.log(`${counts.stale} stale, ${broken} of unknown fate`);
const failed = survived + counts.stale + broken;
console.log(`${caught} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

/** Before anything runs, so that a refactoring learns of all of them at once. */
async function reportStale(): Promise<void> {
  for (const mutant of chosen) {
    try {
      plant(mutant, await readFile(join(PROJECT, mutant.file), "utf8"));
    } catch (error) {
      if (!(error instanceof StaleMutantError)) throw error;
      stale.add(mutant.name);
      counts.stale += 1;
      console.log(`✖ stale     ${error.message}`);
    }
  }
}

/** Returns the suites that pass on the unchanged tree: one that fails by itself would catch everything. */
async function findSoundSuites(): Promise<ReadonlySet<string>> {
  const suites = new Map(chosen.map(({ suite }) => [nameOf(suite), suite]));
  const sound = new Set<string>();
  await shareOut([...suites], async ([name, suite], tree) => {
    const verdict = await runIn(tree, suite);
    if (verdict.kind === "survived") sound.add(name);
    else console.log(`✖ ${name} does not pass on the tree as it is: ${describe(verdict)}`);
  });
  console.log(`${sound.size} of ${suites.size} suites pass on the tree as it is`);
  return sound;
}

function runIn({ root }: ProjectCopy, suite: Suite): Promise<Verdict> {
  return runSuite(suite, { root, timeoutMs: SUITE_TIMEOUT_MS, signal: stop.signal });
}

/** Each tree takes the next item when it has finished its last one. */
async function shareOut<T>(all: readonly T[], work: (one: T, tree: ProjectCopy) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const workThrough = async (tree: ProjectCopy): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next, tree);
  };
  await Promise.all(trees.map(workThrough));
}

function say({ name, suite }: Mutant, verdict: Verdict, seconds: number): void {
  counts[verdict.kind] += 1;
  if (verdict.kind === "caught" && verdict.isTimeout) counts.timeouts += 1;
  const mark = verdict.kind === "caught" ? "✔" : "✖";
  const tail = verdict.kind === "survived" ? nameOf(suite) : describe(verdict);
  console.log(`${mark} ${verdict.kind.padEnd(9)} ${name.padEnd(44)} ${seconds.toFixed(1).padStart(5)} s  ${tail}`);
}

function describe(verdict: Verdict): string {
  switch (verdict.kind) {
    case "survived":
      return "all tests pass";
    case "caught":
      return `${verdict.by}${verdict.isTimeout ? " (timed out)" : ""}`;
    case "broken":
      return verdict.why;
  }
}

function nameOf({ files, pattern }: Suite): string {
  return [...files, ...(pattern === undefined ? [] : [`-t "${pattern}"`])].join(" ");
}

function choose(names: readonly string[] | undefined): readonly Mutant[] {
  const unknown = names?.find((name) => !MUTANTS.some((mutant) => mutant.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no mutant ${unknown}; there are ${MUTANTS.map(({ name }) => name).join(", ")}.`);
  }
  return MUTANTS.filter(({ name }) => names?.includes(name) ?? true);
}
