import { Command, CommanderError } from "commander";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";
import { OperatorError } from "../push/operator-error.ts";

export interface TextOut {
  write(text: string): unknown;
}

/** Source of secrets. They never come from the command line, which every user of the machine can see. */
export interface CliInput {
  readonly isTty: boolean;
  /** Returns all of standard input. */
  read(): Promise<string>;
  /** Asks the person at the terminal. A secret is not shown while typed. */
  ask(question: string, options?: { readonly secret?: boolean }): Promise<string>;
}

/** A command's view of its process. */
export interface CliIo {
  readonly stdout: TextOut;
  readonly stderr: TextOut;
  readonly input: CliInput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True if standard error is a terminal; otherwise no progress is shown. */
  readonly isTty: boolean;
  /** Version of this program. */
  readonly version: string;
  setExitCode(code: number): void;
}

export const EXIT_CODES = { ok: 0, notDone: 1, unusable: 2 } as const;

/** A command cannot use its input. */
export class CliError extends OperatorError {
  override readonly name: string = "CliError";
}

/** Creates a command that writes to `io`, and throws a CommanderError instead of ending the process. */
export function createCommand(io: CliIo, name: string): Command {
  return new Command(name)
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .exitOverride()
    .showHelpAfterError("Add --help to see how the command is used.");
}

/**
 * Returns the exit code for an error of `parseAsync`, whose message commander has printed, or undefined for errors of
 * other origin.
 */
export function readExitCode(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.unusable;
}

/** Runs a command's work. An error becomes a message and an exit code. */
export async function runAction(io: CliIo, action: () => Promise<number>): Promise<void> {
  try {
    io.setExitCode(await action());
  } catch (error) {
    io.stderr.write(printError(error));
    io.setExitCode(EXIT_CODES.unusable);
  }
}

function printError(error: unknown): string {
  if (error instanceof OperatorError) {
    const mend = error.mend === undefined ? "" : `${printable(error.mend)}\n`;
    return `sip-pushd: ${printable(error.message)}\n${mend}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `sip-pushd: This is a fault of the command itself: ${printable(message)}\nPlease report it.\n`;
}

export function writeJson(io: CliIo, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

export function writeLine(io: CliIo, line = ""): void {
  io.stdout.write(`${line}\n`);
}

/** Returns rows with columns as wide as their widest cell, separated by two spaces. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = cells.reduce<number[]>((widest, row) => {
    row.forEach((cell, column) => (widest[column] = Math.max(widest[column] ?? 0, stringWidth(cell))));
    return widest;
  }, []);
  return cells.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join("  ")
      .trimEnd(),
  );
}

/** Wide enough for most sentences, narrow enough for any terminal and for mail. */
const WIDTH = 100;

/** Breaks a text at its spaces. Lines after the first are indented to the text after `label`. */
export function wrapText(label: string, text: string): string[] {
  const labelWidth = stringWidth(label);
  const lines = wrapAnsi(text, WIDTH - labelWidth, { hard: false, trim: false }).split("\n");
  return lines.map((line, index) => (index === 0 ? label : " ".repeat(labelWidth)) + line.trimEnd());
}

/** Removes characters that could control the terminal, because names and reasons come from apps and providers. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, " ");
}
