/** `npm run check`: all static checks of the code and its documents. */
import { runStep, type StepEnd } from "./run-step.ts";

const STEPS: readonly (readonly [name: string, command: readonly [string, ...string[]]])[] = [
  ["format", ["oxfmt", "--check"]],
  ["lint", ["oxlint", "--type-aware", "--deny-warnings"]],
  ["types", ["tsc", "-p", "tsconfig.json"]],
  ["boundaries", ["node", "scripts/check-boundaries.ts"]],
  ["dead code", ["knip"]],
  ["reference docs", ["node", "scripts/docs.ts", "--check"]],
  ["language", ["node", "scripts/plain-language.ts"]],
  ["decisions", ["node", "scripts/check-adr.ts"]],
  ["links", ["node", "scripts/check-links.ts"]],
  ["tables", ["node", "scripts/check-tables.ts"]],
  ["metrics docs", ["node", "scripts/metrics-docs.ts", "--check"]],
];

function lineOf(name: string, { passed, seconds }: StepEnd): string {
  return `${passed ? "✔" : "✖"} ${name.padEnd(16)} ${seconds.toFixed(1)} s`;
}

const failures: string[] = [];
// Sequentially, because most of the tools use every core by themselves.
for (const [name, command] of STEPS) {
  const end = await runStep(command);
  console.log(lineOf(name, end));
  if (!end.passed) failures.push(`── ${name}: ${command.join(" ")}\n\n${end.output.trim()}\n`);
}
if (failures.length > 0) console.log(`\n${failures.join("\n")}`);
console.log(`\n${STEPS.length - failures.length} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;
