import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import type { JudgedTarget } from "../arithmetic/verdicts.ts";
import { summarizeRow, type Row } from "../measure/compare.ts";
import type { CaseResult } from "../cases/bench-case.ts";

export interface BenchReport {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly targets: readonly JudgedTarget[];
  readonly [further: string]: unknown;
}

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  /** Average number of running processes in the minute before: figures of a busy machine are noisy. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cores: all.length,
    model: all[0]?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    loadBefore: loadavg()[0] ?? Number.NaN,
  };
}

const ARTIFACTS = join(import.meta.dirname, "../../artifacts/bench");

/** Writes the report as JSON, and the printed text beside it. Returns the path of the JSON file. */
export async function writeReport(name: string, report: BenchReport, text: string): Promise<string> {
  await mkdir(ARTIFACTS, { recursive: true });
  const file = join(ARTIFACTS, `${name}.json`);
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(join(ARTIFACTS, `${name}.txt`), `${text}\n`);
  return file;
}

/** Returns a result with the medians and ranges of its samples. */
export function addSummaries(result: CaseResult): object {
  const comparisons = result.comparisons.map(({ title, rows }) => ({ title, rows: rows.map(summarizeFigures) }));
  return { ...result, comparisons };
}

function summarizeFigures(row: Row): object {
  return {
    ...row,
    summary: {
      cpuUs: summarizeRow(row, ({ cpuUs }) => cpuUs),
      redisCpuUs: summarizeRow(row, ({ redisCpuUs }) => redisCpuUs),
      perSecond: summarizeRow(row, ({ perSecond }) => perSecond),
      answerP99: summarizeRow(row, ({ answer }) => answer.p99),
      providerP50: summarizeRow(row, ({ provider }) => provider.p50),
      providerP99: summarizeRow(row, ({ provider }) => provider.p99),
    },
  };
}
