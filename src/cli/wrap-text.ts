import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** Wide enough for most sentences, narrow enough for any terminal and for mail. */
const WIDTH = 100;

/** Breaks a text at its spaces. Lines after the first are indented to the text after `label`. */
export function wrapText(label: string, text: string): string[] {
  const labelWidth = stringWidth(label);
  const lines = wrapAnsi(text, WIDTH - labelWidth, { hard: false, trim: false }).split("\n");
  return lines.map((line, index) => (index === 0 ? label : " ".repeat(labelWidth)) + line.trimEnd());
}
