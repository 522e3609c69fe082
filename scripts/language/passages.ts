/** One comment, paragraph, list item or table cell. */
export interface Passage {
  /** Without comment signs; its lines are joined by line breaks. */
  readonly text: string;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/** Takes the texts for people out of a file, by the ending of its name: the comments of a program, the prose of a document. */
export function readPassages(path: string, content: string): readonly Passage[] {
  const lines = content.split("\n");
  if (path.endsWith(".md")) return readDocument(lines);
  return readComments(lines, path.endsWith(".lua") ? LUA : TYPESCRIPT);
}

interface CommentSigns {
  /** A line that is a comment and nothing else; the first group is its text. */
  readonly whole: RegExp;
  /** A comment after code. */
  readonly trailing: RegExp;
}

const TYPESCRIPT: CommentSigns = {
  whole: /^\s*(?:\/\/|\/\*\*?|\*(?!\/))\s?(.*?)(?:\*\/\s*)?$/u,
  trailing: /^(?:[^"'`]|"[^"]*"|'[^']*'|`[^`]*`)*\s\/\/\s(.*)$/u,
};
const LUA: CommentSigns = { whole: /^\s*--\s?(.*)$/u, trailing: /^(?:[^"']|"[^"]*"|'[^']*')*\s--\s(.*)$/u };

function readComments(lines: readonly string[], signs: CommentSigns): readonly Passage[] {
  const collected = new Collector();
  for (const [at, line] of lines.entries()) {
    const whole = signs.whole.exec(line)?.[1];
    if (/^\s*\/\*/u.test(line) || whole === undefined || whole.trim() === "") collected.end();
    if (whole !== undefined) collected.add(whole, at + 1);
    else collected.addAlone(signs.trailing.exec(line)?.[1], at + 1);
    if (line.trimEnd().endsWith("*/")) collected.end();
  }
  return collected.passages();
}

/** Headings and blocks of code are left out, code within a line is blanked. */
function readDocument(lines: readonly string[]): readonly Passage[] {
  const collected = new Collector();
  let isCode = false;
  for (const [at, line] of lines.entries()) {
    if (line.trim().startsWith("```")) isCode = !isCode;
    const text =
      isCode || /^\s*(?:```|#)/u.test(line) ? "" : line.replaceAll(/`[^`]*`/gu, (code) => code.replaceAll(/\S/gu, "x"));
    if (text.trim() === "" || /^\s*(?:[-*] |\d+\. |\|)/u.test(text)) collected.end();
    if (text.trim().startsWith("|")) for (const cell of text.split("|")) collected.addAlone(cell.trim(), at + 1);
    else collected.add(text.replace(/^\s*(?:[-*]|\d+\.) /u, ""), at + 1);
  }
  return collected.passages();
}

class Collector {
  readonly #passages: Passage[] = [];
  #lines: string[] = [];
  #start = 0;

  add(text: string, line: number): void {
    if (text.trim() === "") return;
    if (this.#lines.length === 0) this.#start = line;
    this.#lines.push(text.trim());
  }

  addAlone(text: string | undefined, line: number): void {
    this.end();
    if (text !== undefined) this.add(text, line);
    this.end();
  }

  end(): void {
    if (this.#lines.length > 0) this.#passages.push({ text: this.#lines.join("\n"), line: this.#start });
    this.#lines = [];
  }

  passages(): readonly Passage[] {
    this.end();
    return this.#passages;
  }
}
