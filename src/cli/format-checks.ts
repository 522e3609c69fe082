import type { CheckReport } from "../checks/run-checks.ts";
import type { Verdict } from "../push/finding.ts";
import { printable } from "./output.ts";

const MARKS = { ok: "✔", failed: "✖", warning: "!", skipped: "–" } as const satisfies Record<Verdict, string>;

/** Returns the checklist as lines: each finding with its mark, and below it what to do. */
export function formatChecks(reports: readonly CheckReport[]): string[] {
  const width = Math.max(...reports.map(({ name }) => name.length));
  const lines = reports.flatMap(({ name, findings }) =>
    findings.flatMap(({ verdict, what, mend }, index) => {
      const column = (index === 0 ? name : "").padEnd(width);
      const advice = mend === undefined ? [] : [`  ${" ".repeat(width)}    → ${printable(mend)}`];
      return [`${MARKS[verdict]} ${column}  ${printable(what)}`, ...advice];
    }),
  );
  return [...lines, "", summarize(reports)];
}

function summarize(reports: readonly CheckReport[]): string {
  const findings = reports.flatMap((report) => report.findings);
  const count = (verdict: Verdict): number => findings.filter((finding) => finding.verdict === verdict).length;
  return `${count("ok")} right, ${count("warning")} to look at, ${count("failed")} wrong, ${count("skipped")} not looked at`;
}
