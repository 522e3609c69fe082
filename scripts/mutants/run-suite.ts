import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Suite } from "../../test/mutants/mutant.ts";
import { readVerdict, type Verdict } from "./read-verdict.ts";

export interface RunSuiteOptions {
  /** Root of the tree in which it runs. */
  readonly root: string;
  readonly timeoutMs: number;
  /** Kills the suite and its processes. The run then rejects. */
  readonly signal: AbortSignal;
}

const REPORT = "mutant-report.json";

/** Runs the suite until its first failure, with the tools in the tree's node_modules. */
export async function runSuite({ files, pattern }: Suite, options: RunSuiteOptions): Promise<Verdict> {
  const { root, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const reportFile = join(root, REPORT);
  await rm(reportFile, { force: true });
  const filter = pattern === undefined ? [] : ["--testNamePattern", pattern];
  const only = ["--bail", "1", "--maxWorkers", "1", ...filter];
  const bin = join(root, "node_modules/.bin");
  const child = spawn(
    join(bin, "vitest"),
    ["run", ...files, ...only, "--reporter", "json", "--outputFile", reportFile],
    {
      cwd: root,
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      // In its own process group, so that servers started by its tests end with it.
      detached: true,
    },
  );
  let output = "";
  const keep = (chunk: string) => (output += chunk);
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const limit = AbortSignal.timeout(timeoutMs);
  const killGroup = () => void (child.pid !== undefined && process.kill(-child.pid, "SIGKILL"));
  const stop = AbortSignal.any([limit, signal]);
  stop.addEventListener("abort", killGroup, { once: true });
  const [code] = (await once(child, "close")) as [number | null];
  stop.removeEventListener("abort", killGroup);
  signal.throwIfAborted();
  const report = await readFile(reportFile, "utf8").catch(() => undefined);
  return readVerdict({ exitCode: limit.aborted ? undefined : (code ?? 1), report, output });
}
