import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Config } from "./config.ts";
import { createFileRecord, type FileOwner, type FileRecord } from "./credentials/file-record.ts";
import { hideIfSecret } from "./credentials/recognise-secret.ts";
import {
  decodeUtf8,
  describeOpenSecret,
  readFileAt,
  readFileFromDisk,
  type FileContent,
  type ReadFile,
} from "./credentials/files.ts";
import { createSettingFiles } from "./credentials/setting-files.ts";
import { parseConfig } from "./parse-config.ts";
import { ConfigError, type ConfigProblem } from "./problem.ts";
import { resolveConfig } from "./resolve/resolve-config.ts";
import { readStateDirectory } from "./resolve/sqlite-path.ts";
import { holdsSecrets } from "./secret-settings.ts";
import type { Environment } from "./source/environment.ts";
import { readSecretVariables } from "./source/secret-variables.ts";

export interface LoadOptions {
  /** Path of the configuration file; undefined if the environment has all settings. */
  readonly file?: string;
  /** Its text, if it has been read already. */
  readonly text?: string;
  readonly env: Environment;
  /** Base of relative paths. By default the file's directory, or the working directory. */
  readonly baseDir?: string;
  /** Epoch milliseconds for checking the validity of certificates. */
  readonly now?: number;
  readonly readFile?: ReadFile;
  readonly directoryExists?: (path: string) => boolean;
  readonly fileExists?: (path: string) => boolean;
}

/** Result of reading a configuration, usable or not. */
export interface ConfigReading {
  /** Undefined if it cannot be used. */
  readonly config: Config | undefined;
  /** Errors first. */
  readonly problems: readonly ConfigProblem[];
  readonly text: string | undefined;
  readonly record: FileRecord;
}

const GATEWAY: FileOwner = { unit: "gateway", app: "gateway" };
const ENVIRONMENT: FileOwner = { unit: "environment", app: "gateway" };

/**
 * Throws a `ConfigError` if there is no text to read. `isOptional` returns true for owners that the gateway can do
 * without.
 */
export function readConfig(options: LoadOptions, isOptional: (owner: FileOwner) => boolean): ConfigReading {
  const { file, now = Date.now(), readFile = readFileFromDisk } = options;
  const { directoryExists = isDirectory, fileExists = existsSync } = options;
  const baseDir = resolve(options.baseDir ?? (file === undefined ? "." : dirname(file)));
  const source = options.text === undefined && file !== undefined ? readSource(file, readFile) : undefined;
  const text = options.text ?? source?.text;
  const record = createFileRecord();
  const secrets = readSecretVariables(options.env, (name) => {
    const path = resolve(baseDir, name);
    const reading = readFileAt(path, readFile, name);
    record.noteRead(ENVIRONMENT, path, "content" in reading ? reading.content : undefined);
    return reading;
  });
  const { raw, report, ngcp } = parseConfig({ file: file ?? "(no file)", text, env: secrets.env });
  for (const problem of secrets.problems) {
    report.add(problem);
    record.noteFault(ENVIRONMENT, `${problem.variable}: ${problem.message}; ${problem.mend}.`);
  }
  if (file !== undefined && source !== undefined && holdsSecrets(source.text)) {
    const complaint = describeOpenSecret(file, source.content);
    if (complaint) report.add({ severity: "warning", file, key: "", ...complaint });
  }
  const files = createSettingFiles({ report, readFile, baseDir, record, owner: GATEWAY, isOptional });
  const stateDirectory = readStateDirectory(options.env["STATE_DIRECTORY"]);
  const deps = { report, files, now, ngcp, directoryExists, fileExists, stateDirectory };
  const config = raw && resolveConfig(raw, deps);
  return { config: report.hasErrors ? undefined : config, problems: inOrder(report.problems), text, record };
}

function readSource(file: string, readFile: ReadFile): { readonly text: string; readonly content: FileContent } {
  const reading = readFileAt(file, readFile);
  if ("complaint" in reading) {
    throw new ConfigError([{ severity: "error", file: hideIfSecret(file), key: "", ...reading.complaint }]);
  }
  const text = decodeUtf8(reading.content.bytes);
  if (text !== undefined) return { text, content: reading.content };
  const mend = `convert it: iconv -f latin1 -t utf-8 ${file}`;
  throw new ConfigError([{ severity: "error", file, key: "", message: "the file is not UTF-8", mend }]);
}

/** Sorts errors first, each group in the order of the file. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  // A misspelt key comes first: others may only be there because of it.
  const rank = ({ severity, isMisspelt }: ConfigProblem) => (severity === "warning" ? 2 : isMisspelt === true ? 0 : 1);
  return problems.toSorted((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
