import type { Config } from "./config.ts";
import type { CredentialFault } from "./credentials/file-record.ts";
import type { FileContent } from "./credentials/files.ts";
import { ConfigError, type ConfigProblem } from "./problem.ts";
import { readConfig, type ConfigReading, type LoadOptions } from "./read-config.ts";

export interface LoadedConfig {
  /** Deeply frozen. */
  readonly config: Config;
  readonly warnings: readonly ConfigProblem[];
  /** Text of the configuration file. */
  readonly text: string | undefined;
  /** Absolute paths of the files named by settings: certificates, keys and other secrets. */
  readonly files: readonly string[];
  /** Contents of these files from which the configuration was made. */
  readonly contents: ReadonlyMap<string, FileContent>;
  /** Credentials that cannot be used. */
  readonly faults: readonly CredentialFault[];
  /** Units among them that are out of order. The others continue with their previous credentials. */
  readonly outOfOrder: ReadonlySet<string>;
}

/**
 * Reads, checks and completes the configuration. Throws a `ConfigError` with all problems at once. A domain's app whose
 * credentials cannot be used is out of order, and does not affect the others.
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  return useReading(readConfig(options, ({ domain }) => domain !== undefined));
}

/** A configuration, or what keeps it from being used. */
export interface LoadAttempt {
  /** Undefined if the file cannot be used. */
  readonly loaded: LoadedConfig | undefined;
  /** Errors first. */
  readonly problems: readonly ConfigProblem[];
}

/** Loads the configuration, or returns its problems. */
export function tryLoadConfig(options: LoadOptions): LoadAttempt {
  try {
    const loaded = loadConfig(options);
    return { loaded, problems: loaded.warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { loaded: undefined, problems: error.problems };
  }
}

export function useReading({ config, problems, text, record }: ConfigReading): LoadedConfig {
  if (!config) throw new ConfigError(problems);
  return {
    config: deepFreeze(config),
    warnings: problems,
    text,
    files: record.paths,
    contents: record.soundContents(),
    faults: record.faults.map(({ detail, ...owner }) => ({
      ...owner,
      detail: `${detail} Until then its pushes wait.`,
    })),
    outOfOrder: new Set(record.faults.map(({ unit }) => unit)),
  };
}

/** `value` with everything inside it frozen. */
function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
