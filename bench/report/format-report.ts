import { formatTable } from "../../src/cli/output.ts";
import type { Summary } from "../arithmetic/statistics.ts";
import type { JudgedTarget } from "../arithmetic/verdicts.ts";
import type { Comparison, Fact } from "../cases/bench-case.ts";
import { ratioOf, summarizeRow, type Row } from "../measure/compare.ts";
import type { Sample } from "../measure/measure-load.ts";

const HEAD = [
  "load",
  "party",
  "CPU µs/push",
  "÷ base",
  "Redis µs",
  "pushes/s",
  "answer p50/p95/p99 ms",
  "provider p50/p95/p99 ms",
  "RSS MB",
  "refused",
  "lost",
  "twice",
];

/** Returns the lines of one case's tables: medians, with the range of the CPU time in brackets. */
export function formatComparisons(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons.flatMap(({ title, rows }, place) => {
    const lines = rows.map((row) => formatRow(row, rows[0]));
    const head = comparisons[place - 1]?.title === title ? [] : ["", title];
    return [...head, ...formatTable([HEAD, ...lines])];
  });
}

function formatRow(row: Row, base: Row | undefined): readonly string[] {
  const show = (read: (sample: Sample) => number, digits = 0) => formatMedian(summarizeRow(row, read), digits);
  const times = (read: (sample: Sample) => Sample["answer"]) =>
    [
      show((sample) => read(sample).p50, 1),
      show((sample) => read(sample).p95, 1),
      show((sample) => read(sample).p99, 1),
    ].join("/");
  const sum = (read: (sample: Sample) => number) =>
    String(row.samples.reduce((total, sample) => total + read(sample), 0));
  const cpu = summarizeRow(row, ({ cpuUs }) => cpuUs);
  const ratio = ratioOf(row, base, ({ cpuUs }) => cpuUs);
  const redis = summarizeRow(row, ({ redisCpuUs }) => redisCpuUs);
  return [
    row.load,
    row.party,
    cpu === undefined ? "–" : `${cpu.median.toFixed(0)} (${cpu.least.toFixed(0)}–${cpu.most.toFixed(0)})`,
    row === base || ratio === undefined ? "" : ratio.toFixed(2),
    redis === undefined || redis.most === 0 ? "–" : redis.median.toFixed(0),
    show(({ perSecond }) => perSecond),
    times(({ answer }) => answer),
    times(({ provider }) => provider),
    show(({ rssMb }) => rssMb),
    sum(({ refused, failed }) => refused + failed),
    sum(({ lost }) => lost),
    sum(({ twice }) => twice),
  ];
}

function formatMedian(summary: Summary | undefined, digits: number): string {
  return summary === undefined ? "–" : summary.median.toFixed(digits);
}

export function formatFacts(facts: readonly Fact[]): readonly string[] {
  return formatTable(facts.map(({ title, value, unit }) => [`  ${title}`, `${formatNumber(value)} ${unit}`]));
}

export function formatVerdicts(targets: readonly JudgedTarget[]): readonly string[] {
  const rows = targets.map(({ title, bound, limit, value, verdict }) => [
    title,
    value === undefined ? "–" : formatNumber(value),
    `${bound} ${limit}`,
    verdict,
  ]);
  return formatTable([["target", "value", "wanted", "verdict"], ...rows]);
}

function formatNumber(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
