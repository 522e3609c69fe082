import { hideIfSecret, hideKeys, mayBeSecret } from "./credentials/recognise-secret.ts";

/** Place where a setting was written. */
export interface Place {
  /** The configuration file, or `environment`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The environment variable. */
  readonly variable?: string;
}

/** File name for settings from environment variables. */
export const ENVIRONMENT = "environment";

export interface ConfigProblem extends Place {
  readonly severity: "error" | "warning";
  /** Dotted path as the operator wrote it, such as `pushd.port`; empty for the file as a whole. */
  readonly key: string;
  /** The value, quoted; undefined for secrets and missing keys. */
  readonly found?: string;
  readonly message: string;
  /** How to fix it. */
  readonly mend: string;
  /** True if the key is unknown and resembles a known one. */
  readonly isMisspelt?: boolean;
}

/** Returns `config.yml:12: pushd.port: expected a port from 1 to 65535, found "abc"; write e.g. port: 45060`. */
export function printProblem(problem: ConfigProblem): string {
  const { severity, key, found, message, mend } = problem;
  const parts = [placeOf(problem), severity === "warning" ? "warning" : "", key].filter((part) => part !== "");
  const what = found === undefined ? message : `${message}, found ${found}`;
  return hideKeys(`${[...parts, what].join(": ")}; ${mend}`);
}

function placeOf({ file, line, variable }: Place): string {
  if (variable !== undefined) return `${file}: ${variable}`;
  return line === undefined ? file : `${file}:${line}`;
}

/** The configuration cannot be used. `problems` has everything to fix, errors first. */
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

/** Returns a value for a message: quoted, on one line, shortened, and hidden if it could be a secret. */
export function quote(value: string): string {
  if (mayBeSecret(value)) return hideIfSecret(value);
  return JSON.stringify(value.length > LONGEST_FOUND ? `${value.slice(0, LONGEST_FOUND)}…` : value);
}
