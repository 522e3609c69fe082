import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findAdrFaults } from "./check-adr.ts";

const FORM =
  "- Status: accepted\n- Date: 2026-12-01\n\n## Context\n\n## Decision\n\n## Alternatives\n\n## Consequences\n";
const PAGES = {
  "docs/adr/README.md": "| [0001](0001-run.md) | Run |\n| [0002](0002-stop.md) | Stop |\n",
  "docs/adr/0001-run.md": `# 0001 Run\n\n${FORM}`,
  "docs/adr/0002-stop.md": `# 0002 Stop\n\n${FORM}`,
};

function faultsOf(files: Readonly<Record<string, string>>): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), "adr-test-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ ...PAGES, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return findAdrFaults(root);
}

it("accepts pages with title, status, date and sections", () => {
  expect(faultsOf({ "README.md": "[why](docs/adr/0001-run.md)" })).toEqual([]);
});

it("reports a missing number and one that is used twice", () => {
  const readme = `${PAGES["docs/adr/README.md"]}| [0002](0002-halt.md) | Halt |\n| [0004](0004-go.md) | Go |\n`;
  const faults = faultsOf({
    "docs/adr/README.md": readme,
    "docs/adr/0002-halt.md": `# 0002 Halt\n\n${FORM}`,
    "docs/adr/0004-go.md": `# 0004 Go\n\n${FORM}`,
  });

  expect(faults).toEqual([
    "docs/adr: number 0003 is missing: numbers have no gaps",
    "docs/adr: number 0002 is used twice: take the next free one",
  ]);
});

it.each([
  ["status", "- Status: accepted\n"],
  ["date", "- Date: 2026-12-01\n"],
  ["alternatives", "## Alternatives\n"],
])("reports a page without %s", (_, line) => {
  const faults = faultsOf({ "docs/adr/0001-run.md": `# 0001 Run\n\n${FORM.replace(line, "")}` });

  expect(faults).toEqual([expect.stringContaining('docs/adr/0001-run.md: expected "# NNNN Title"')]);
});

it("reports a page whose title is not the one in the index", () => {
  const faults = faultsOf({ "docs/adr/0001-run.md": `# 0001 Walk\n\n${FORM}` });

  expect(faults).toEqual(["docs/adr/README.md: add the row: | [0001](0001-run.md) | Walk |"]);
});

it("reports a link to a page that does not exist, with the name that has its number", () => {
  const faults = faultsOf({
    "src/app.ts": "// docs/adr/0001-old-name.md\n",
    "docs/adr/0002-stop.md": `# 0002 Stop\n\n${FORM}[x](0001-x.md)`,
  });

  expect(faults.toSorted()).toEqual([
    "docs/adr/0002-stop.md: no page 0001-x.md; its name is 0001-run.md",
    "src/app.ts: no page 0001-old-name.md; its name is 0001-run.md",
  ]);
});
