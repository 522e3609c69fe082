#!/usr/bin/env node
import { readExitCode, type CliIo } from "./cli/output.ts";
import { buildProgram } from "./cli/program.ts";

const io: CliIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  isTty: process.stderr.isTTY,
  setExitCode(code) {
    process.exitCode = code;
  },
};

try {
  await buildProgram(io).parseAsync(process.argv);
} catch (error) {
  const exitCode = readExitCode(error);
  if (exitCode === undefined) throw error;
  process.exitCode = exitCode;
}
