import { readFileSync } from "node:fs";

/** A fenced block of a Markdown file with its info string. */
export interface FencedBlock {
  /** For a failing test: `docs/reference/api.md:58`. */
  readonly where: string;
  /** Such as `json POST /v1/pushes`. */
  readonly info: string;
  readonly text: string;
}

export function readFencedBlocks(file: string): FencedBlock[] {
  const lines = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").split("\n");
  const blocks: FencedBlock[] = [];
  let open: { readonly line: number; readonly info: string } | undefined;
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (fence === null) continue;
    if (open === undefined) {
      open = { line: index, info: fence[1]?.trim() ?? "" };
      continue;
    }
    const text = lines.slice(open.line + 1, index).join("\n");
    blocks.push({ where: `${file}:${open.line + 1}`, info: open.info, text });
    open = undefined;
  }
  return blocks;
}

export interface CurlLine {
  readonly where: string;
  readonly command: string;
}

/** Returns each curl command, with continued lines joined and without its comment. */
export function readCurlLines(blocks: readonly FencedBlock[]): CurlLine[] {
  return blocks.flatMap(({ where, text }) =>
    text
      .replaceAll(/\\\n\s*/g, " ")
      .split("\n")
      .filter((line) => line.startsWith("curl "))
      .map((line) => ({ where, command: line.replace(/\s{2,}#.*$/, "") })),
  );
}
