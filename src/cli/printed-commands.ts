import { hideKeys } from "../config/credentials/recognise-secret.ts";
import type { TextOut } from "./output.ts";
import { COMMAND_NAMES } from "./program.ts";

/** The words that start the program: its name, or in a clone npm's script of that name. */
export type ProgramStart = "sip-pushd" | "npm run -s sip-pushd --";

/** Returns how the program was started, from the URL of one of its modules: only a clone runs TypeScript. */
export function readProgramStart(moduleUrl: string): ProgramStart {
  return moduleUrl.endsWith(".ts") ? "npm run -s sip-pushd --" : "sip-pushd";
}

const COMMANDS = [...COMMAND_NAMES, "help"].join("|");

/** Matches the program's name before one of its commands or options. Texts are wrapped, so the command may be on the next line. */
const NAME = new RegExp(`(?<![\\w./@-])sip-pushd(?=\\s+(?:(?:${COMMANDS})(?![\\w/-])|--[a-z]))`, "g");

/** Returns the text with commands that can be pasted as they are. */
export function fitCommands(text: string, start: ProgramStart): string {
  return start === "sip-pushd" ? text : text.replaceAll(NAME, start);
}

/** Returns an output that fits the commands in everything that is written to it. */
export function fitOutput(out: TextOut, start: ProgramStart): TextOut {
  return { write: (text) => out.write(fitCommands(text, start)) };
}

/** The same for messages; a key that was given instead of a path or a name is hidden in them. */
export function fitErrors(out: TextOut, start: ProgramStart): TextOut {
  return fitOutput({ write: (text) => out.write(hideKeys(text)) }, start);
}
