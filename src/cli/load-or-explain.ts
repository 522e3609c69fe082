import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { ConfigError, printProblem } from "../config/problem.ts";
import type { CliIo } from "./output.ts";

/** `EX_CONFIG` of sysexits.h: a supervisor need not start it again until somebody has mended the file. */
export const EXIT_CONFIG = 78;

/** Loads the configuration; writes what is wrong with it to standard error. Undefined where it cannot be used. */
export function loadOrExplain(file: string, io: CliIo): Config | undefined {
  try {
    const { config, warnings } = loadConfig({ file, env: io.env });
    for (const warning of warnings) io.stderr.write(`${printProblem(warning)}\n`);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) io.stderr.write(`${printProblem(problem)}\n`);
    const count = error.problems.filter(({ severity }) => severity === "error").length;
    io.stderr.write(`${file}: ${count === 1 ? "one problem" : `${count} problems`} to mend; nothing was started.\n`);
    return undefined;
  }
}
