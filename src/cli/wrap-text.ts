/** Wide enough for most sentences, narrow enough to be read in any terminal and in a mail. */
const WIDTH = 100;

/** Breaks a text at its spaces. Lines after the first are indented so far that they stand under the text, and not under `label`. */
export function wrapText(label: string, text: string): string[] {
  const indent = " ".repeat(label.length);
  const lines: string[] = [];
  let line = label;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
