/** Where a setting was written. */
export interface Place {
  /** The configuration file, or `environment`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The environment variable. */
  readonly variable?: string;
}

/** The name that stands in the place of a file for settings that come from environment variables. */
export const ENVIRONMENT = "environment";

export interface ConfigProblem extends Place {
  readonly severity: "error" | "warning";
  /** Dotted path as the operator wrote it, e.g. `pushd.port`; empty for the file as a whole. */
  readonly key: string;
  /** The value as it was found, quoted; absent for secrets' values and for missing keys. */
  readonly found?: string;
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}

/** `config.yml:12: pushd.port: expected a port from 1 to 65535, found "abc"; write e.g. port: 45060` */
export function printProblem(problem: ConfigProblem): string {
  const { severity, key, found, message, mend } = problem;
  const parts = [placeOf(problem), severity === "warning" ? "warning" : "", key].filter((part) => part !== "");
  const what = found === undefined ? message : `${message}, found ${found}`;
  return `${[...parts, what].join(": ")}; ${mend}`;
}

function placeOf({ file, line, variable }: Place): string {
  if (variable !== undefined) return `${file}: ${variable}`;
  return line === undefined ? file : `${file}:${line}`;
}

/** The configuration cannot be used; `problems` holds all there is to mend, errors first. */
export class ConfigError extends Error {
  readonly code = "CONFIG_INVALID";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(printProblem).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const LONGEST_FOUND = 60;

/** A value as it may stand in a message: quoted, on one line, not too long. */
export function quote(value: string): string {
  return JSON.stringify(value.length > LONGEST_FOUND ? `${value.slice(0, LONGEST_FOUND)}…` : value);
}
