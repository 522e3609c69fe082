/** Writes docs/reference/metrics.md from the metrics' definitions. With `--check` it only verifies that it is up to date. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderMetricsReference } from "../src/telemetry/metrics-reference.ts";

const PAGE = join(import.meta.dirname, "../docs/reference/metrics.md");

function readPage(): string | undefined {
  try {
    return readFileSync(PAGE, "utf8");
  } catch {
    return undefined;
  }
}

const wanted = renderMetricsReference();
if (!process.argv.includes("--check")) {
  mkdirSync(dirname(PAGE), { recursive: true });
  writeFileSync(PAGE, wanted);
} else if (readPage() !== wanted) {
  console.error(`docs/reference/metrics.md is out of date. Run "node scripts/metrics-docs.ts" and commit the result.`);
  process.exitCode = 1;
}
