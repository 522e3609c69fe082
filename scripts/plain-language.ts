/**
 * Finds phrases in comments and documents that are not plain English (`language/rules.ts`).
 *
 * `language/allowed.json` says how many a folder may still have. The numbers may only fall: `--lower` replaces each one
 * that is too high by the present number. `--list FOLDER` prints all findings below a folder, allowed or not.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPassages } from "./language/passages.ts";
import { RULES } from "./language/rules.ts";

const PROJECT = join(import.meta.dirname, "..");
const ALLOWED = join(import.meta.dirname, "language/allowed.json");
const FILES = ["*.md", "docs/**/*.md", "{src,test,scripts,bench}/**/*.{ts,lua,md}"];

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

export function findInFile(path: string, content: string): readonly Finding[] {
  return readPassages(path, content).flatMap(({ text, line }) =>
    RULES.flatMap(({ pattern, instead }) =>
      // A phrase may be broken over two lines.
      [...text.replaceAll("\n", " ").matchAll(pattern)].map((match) => ({
        path,
        line: line + text.slice(0, match.index).split("\n").length - 1,
        found: match[0].slice(0, 50).trim(),
        instead,
      })),
    ),
  );
}

/** The folders in which more is found than allowed, with all findings there. */
export function findExcess(
  findings: readonly Finding[],
  allowed: Readonly<Record<string, number>>,
): readonly (readonly [folder: string, findings: readonly Finding[]])[] {
  return Object.entries(groupByFolder(findings)).filter(([folder, found]) => found.length > (allowed[folder] ?? 0));
}

/** `allowed` with lower numbers where fewer are left, and without folders that are clean. */
export function lower(
  findings: readonly Finding[],
  allowed: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const groups = groupByFolder(findings);
  const lowered = Object.entries(allowed).map(
    ([folder, number]) => [folder, Math.min(number, groups[folder]?.length ?? 0)] as const,
  );
  return Object.fromEntries(lowered.filter(([, number]) => number > 0));
}

const groupByFolder = (findings: readonly Finding[]): Readonly<Record<string, readonly Finding[]>> =>
  Object.fromEntries(Map.groupBy(findings, ({ path }) => folderOf(path)));

/** The first two levels of a path: `src/push` of `src/push/explanations/apple.ts`, `.` of `README.md`. */
function folderOf(path: string): string {
  const folders = path.split("/").slice(0, -1).slice(0, 2);
  return folders.length === 0 ? "." : folders.join("/");
}

const lineOf = ({ path, line, found, instead }: Finding): string => `${path}:${line}: "${found}": write ${instead}`;

function main(args: readonly string[]): void {
  const findings = globSync(FILES, { cwd: PROJECT })
    .toSorted()
    .flatMap((path) => findInFile(path, readFileSync(join(PROJECT, path), "utf8")));
  const allowed = JSON.parse(readFileSync(ALLOWED, "utf8")) as Record<string, number>;
  if (args[0] === "--list") {
    for (const finding of findings) if (finding.path.startsWith(args[1] ?? "")) console.log(lineOf(finding));
    return;
  }
  if (args[0] === "--lower") writeFileSync(ALLOWED, `${JSON.stringify(lower(findings, allowed), null, 2)}\n`);
  for (const [folder, found] of findExcess(findings, allowed)) {
    console.log(`${folder}: ${found.length} phrases that are not plain English, ${allowed[folder] ?? 0} allowed`);
    console.log(found.map(lineOf).join("\n"));
    console.log("(Files that moved take their number with them in scripts/language/allowed.json.)\n");
    process.exitCode = 1;
  }
}

if (import.meta.main) main(process.argv.slice(2));
