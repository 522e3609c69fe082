import { loadConfig, type LoadedConfig } from "../config/load-config.ts";
import { hideIfSecret } from "../config/credentials/recognise-secret.ts";
import { ConfigError, printProblem, type ConfigProblem } from "../config/problem.ts";
import type { CliIo } from "./output.ts";

/** `EX_CONFIG` of sysexits.h: a supervisor should not restart it until the file is fixed. */
export const EXIT_CONFIG = 78;

export interface Reading {
  /** Undefined if the file cannot be used. */
  readonly loaded: LoadedConfig | undefined;
  /** Errors first. */
  readonly problems: readonly ConfigProblem[];
}

/** Loads the configuration, or returns its problems. */
export function readConfig(file: string, { env }: Pick<CliIo, "env">): Reading {
  try {
    const loaded = loadConfig({ file, env });
    return { loaded, problems: loaded.warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { loaded: undefined, problems: error.problems };
  }
}

/** Loads the configuration and writes its problems to standard error. Returns undefined if it cannot be used. */
export function loadOrExplain(file: string, io: CliIo): LoadedConfig | undefined {
  const { loaded, problems } = readConfig(file, io);
  for (const problem of problems) io.stderr.write(`${printProblem(problem)}\n`);
  if (loaded !== undefined) return loaded;
  const count = problems.filter(({ severity }) => severity === "error").length;
  io.stderr.write(
    `${hideIfSecret(file)}: ${count === 1 ? "one problem" : `${count} problems`} to mend; nothing was started.\n`,
  );
  return undefined;
}
