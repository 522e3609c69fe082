/** Checks that no cell of a table in a hand-written document holds a paragraph. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PROJECT = join(import.meta.dirname, "..");

const FILES = ["README.md", "CONTRIBUTING.md", "docs/**/*.md", "examples/**/*.md"];
const LONGEST_CELL = 200;
/** The first lines of a page that a script writes: its cells come from the source. */
const GENERATED = /^<!-- (?:Generated|Made) /mu;

/** Returns one line for each cell below `root` that is too long, with file, line and length. */
export function findLongCells(root: string): readonly string[] {
  return globSync(FILES, { cwd: root })
    .toSorted()
    .flatMap((path) => findInPage(path, readFileSync(join(root, path), "utf8")));
}

function findInPage(path: string, text: string): readonly string[] {
  if (GENERATED.test(text.slice(0, 500))) return [];
  return text
    .replaceAll(/^ *```[^]*?^ *```$/gmu, (block) => block.replaceAll(/[^\n]/gu, ""))
    .split("\n")
    .flatMap((line, index) =>
      readCells(line)
        .map(lengthOf)
        .filter((length) => length > LONGEST_CELL)
        .map((length) => `${path}:${index + 1}: a cell of ${length} characters: move the text below the table`),
    );
}

function readCells(line: string): readonly string[] {
  return line.startsWith("|") ? line.split(/(?<!\\)\|/u).slice(1, -1) : [];
}

/** The length as a reader sees it: of a link only the words. */
function lengthOf(cell: string): number {
  return cell.replaceAll(/\]\([^)]*\)/gu, "").trim().length;
}

if (import.meta.main) {
  const faults = findLongCells(PROJECT);
  console.log(faults.join("\n"));
  if (faults.length > 0) process.exitCode = 1;
}
