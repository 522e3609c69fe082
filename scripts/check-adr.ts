/** Checks the decision records: numbers, form, index, and every link to them. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const PROJECT = join(import.meta.dirname, "..");

const SECTIONS = ["## Context", "## Decision", "## Alternatives", "## Consequences"];
const EXPECTED_FORM = `expected "# NNNN Title", "- Status: …", "- Date: YYYY-MM-DD", then ${SECTIONS.join(", ")}`;

/** Returns one line for each fault below `root`, with the file and what to do; an empty list if there is none. */
export function findAdrFaults(root: string): readonly string[] {
  const names = globSync("docs/adr/[0-9][0-9][0-9][0-9]-*.md", { cwd: root }).map((path) => basename(path));
  const pages = names.toSorted();
  const index = readFileSync(join(root, "docs/adr/README.md"), "utf8");
  return [
    ...findNumberFaults(pages),
    ...pages.flatMap((page) => findPageFaults(page, readFileSync(join(root, "docs/adr", page), "utf8"), index)),
    ...findBrokenLinks(root, new Set(pages)),
  ];
}

const numberOf = (page: string): number => Number(page.slice(0, 4));

function findNumberFaults(pages: readonly string[]): readonly string[] {
  const numbers = pages.map(numberOf);
  const used = new Set(numbers);
  const missing = Array.from({ length: Math.max(0, ...numbers) }, (_, at) => at + 1)
    .filter((number) => !used.has(number))
    .map((number) => `docs/adr: number ${pad(number)} is missing: numbers have no gaps`);
  const doubled = numbers
    .filter((number, at) => numbers.indexOf(number) !== at)
    .map((number) => `docs/adr: number ${pad(number)} is used twice: take the next free one`);
  return [...missing, ...doubled];
}

const pad = (number: number): string => String(number).padStart(4, "0");

function findPageFaults(page: string, text: string, index: string): readonly string[] {
  const path = `docs/adr/${page}`;
  const title = new RegExp(`^# ${page.slice(0, 4)} (.+)$`, "mu").exec(text)?.[1];
  const marks = ["- Status: ", "- Date: ", ...SECTIONS].map((mark) => text.indexOf(`\n${mark}`));
  const isInOrder = marks.every((at, index) => at > (marks[index - 1] ?? 0));
  if (title === undefined || !isInOrder || !/^- Date: \d{4}-\d\d-\d\d$/mu.test(text)) {
    return [`${path}: ${EXPECTED_FORM}`];
  }
  const row = `| [${page.slice(0, 4)}](${page}) | ${title} |`;
  return index.includes(`${row}\n`) ? [] : [`docs/adr/README.md: add the row: ${row}`];
}

/** Links by file name, in documents and in source files. */
function findBrokenLinks(root: string, pages: ReadonlySet<string>): readonly string[] {
  const paths = globSync(["*.md", "docs/**/*.md", "{src,test,scripts}/**/*.{ts,md}"], {
    cwd: root,
    exclude: ["scripts/*.test.ts"],
  });
  return paths.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const pattern = path.startsWith("docs/adr/") ? /\]\((\d{4}-[\w-]+\.md)/gu : /\badr\/(\d{4}-[\w-]+\.md)/gu;
    return [...text.matchAll(pattern)]
      .map((match) => match[1] ?? "")
      .filter((link) => !pages.has(link))
      .map((link) => `${path}: no page ${link}${suggest(link, pages)}`);
  });
}

function suggest(link: string, pages: ReadonlySet<string>): string {
  const page = [...pages].find((name) => name.startsWith(link.slice(0, 5)));
  return page === undefined ? "" : `; its name is ${page}`;
}

if (import.meta.main) {
  const faults = findAdrFaults(PROJECT);
  console.log(faults.join("\n"));
  if (faults.length > 0) process.exitCode = 1;
}
