import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Config } from "./config.ts";
import { decodeUtf8, readFileAt, readFileFromDisk, type ReadFile } from "./credentials/files.ts";
import { createSettingFiles } from "./credentials/setting-files.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { parseConfig } from "./parse-config.ts";
import { ConfigError, type ConfigProblem } from "./problem.ts";
import { resolveConfig } from "./resolve/resolve-config.ts";
import { readSecretVariables } from "./source/secret-variables.ts";
import type { Environment } from "./source/environment.ts";

export interface LoadOptions {
  /** Path of the configuration file; without one the environment says all. */
  readonly file?: string;
  /** Its text, where it has been read already. */
  readonly text?: string;
  readonly env: Environment;
  /** Relative paths begin here; else beside the file, else in the working directory. */
  readonly baseDir?: string;
  /** Epoch milliseconds, for the validity of certificates. */
  readonly now?: number;
  readonly readFile?: ReadFile;
  readonly directoryExists?: (path: string) => boolean;
}

export interface LoadedConfig {
  /** Frozen, deeply. */
  readonly config: Config;
  readonly warnings: readonly ConfigProblem[];
  /** Absolute paths of every file that was read: a change in one of them calls for a reload. */
  readonly files: readonly string[];
}

/** Reads, checks and completes the configuration; throws a `ConfigError` with all problems at once. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { file, now = Date.now(), readFile = readFileFromDisk, directoryExists = isDirectory } = options;
  const baseDir = resolve(options.baseDir ?? (file === undefined ? "." : dirname(file)));
  const text = options.text ?? (file === undefined ? undefined : readText(file, readFile));
  const secrets = readSecretVariables(options.env, (path) => readFileAt(resolve(baseDir, path), readFile));
  const parsed = parseConfig({ file: file ?? "(no file)", text, env: secrets.env });
  const { raw, report, ngcp } = parsed;
  for (const problem of secrets.problems) report.add(problem);
  const files = createSettingFiles({ report, readFile, baseDir });
  const config = raw && resolveConfig(raw, { report, files, now, ngcp, directoryExists });
  if (!config || report.hasErrors) throw new ConfigError(inOrder(report.problems));
  const read = [...(file === undefined ? [] : [resolve(file)]), ...files.paths];
  return { config: deepFreeze(config), warnings: inOrder(report.problems), files: read };
}

function readText(file: string, readFile: ReadFile): string {
  const reading = readFileAt(file, readFile);
  if ("complaint" in reading) throw new ConfigError([{ severity: "error", file, key: "", ...reading.complaint }]);
  const text = decodeUtf8(reading.content.bytes);
  if (text !== undefined) return text;
  const mend = `convert it: iconv -f latin1 -t utf-8 ${file}`;
  throw new ConfigError([{ severity: "error", file, key: "", message: "the file is not UTF-8", mend }]);
}

/** Errors first, each group in the order of the file. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const rank = ({ severity }: ConfigProblem) => (severity === "error" ? 0 : 1);
  return problems.toSorted((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
