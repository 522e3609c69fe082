import { tryLoadConfig, type LoadedConfig } from "../config/load-config.ts";
import { hideIfSecret } from "../config/credentials/recognise-secret.ts";
import { printProblem } from "../config/problem.ts";
import type { CliIo } from "./output.ts";

/** `EX_CONFIG` of sysexits.h: a supervisor should not restart it until the file is fixed. */
export const EXIT_CONFIG = 78;

/** Loads the configuration and writes its problems to standard error. Returns undefined if it cannot be used. */
export function loadOrExplain(file: string, io: CliIo): LoadedConfig | undefined {
  const { loaded, problems } = tryLoadConfig({ file, env: io.env });
  for (const problem of problems) io.stderr.write(`${printProblem(problem)}\n`);
  if (loaded !== undefined) return loaded;
  const count = problems.filter(({ severity }) => severity === "error").length;
  io.stderr.write(
    `${hideIfSecret(file)}: ${count === 1 ? "one problem" : `${count} problems`} to mend; nothing was started.\n`,
  );
  return undefined;
}
