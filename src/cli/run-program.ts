import { readFileSync } from "node:fs";
import { readExitCode, type CliIo } from "./output.ts";
import { fitErrors, fitOutput, readProgramStart } from "./printed-commands.ts";
import { buildProgram } from "./program.ts";
import { surviveClosedOutput } from "./survive-closed-output.ts";
import { createTerminalInput } from "./terminal-input.ts";

/** Runs the command line as this process. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  let isOutputLost = false;
  surviveClosedOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    setExitCode(code) {
      isOutputLost = true;
      process.exitCode = code;
    },
  });
  const start = readProgramStart(import.meta.url);
  const io: CliIo = {
    stdout: fitOutput(process.stdout, start),
    stderr: fitErrors(process.stderr, start),
    input: createTerminalInput({ stdin: () => process.stdin, stderr: process.stderr }),
    env: process.env,
    isTty: process.stderr.isTTY,
    version: readVersion(),
    setExitCode(code) {
      if (!isOutputLost) process.exitCode = code;
    },
  };
  try {
    const program = await buildProgram(io, argv[2]);
    await program.parseAsync(argv);
  } catch (error) {
    const exitCode = readExitCode(error);
    if (exitCode === undefined) throw error;
    process.exitCode = exitCode;
  }
}

/** Returns the version of this package. Its package.json is one folder above both `src/` and `dist/`. */
function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const version = typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, "version") : undefined;
  return typeof version === "string" ? version : "unknown";
}
