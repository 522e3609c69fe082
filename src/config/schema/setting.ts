import type { TSchema } from "typebox";

/** What the schema says about a setting beyond its type; all of it stands in the documentation. */
export interface Annotations {
  readonly description?: string;
  /** Filled in where the setting is absent, unless it is optional: then the code that reads it decides, and this tells how. */
  readonly default?: unknown;
  /** The default in words, where it is not one value. */
  readonly defaultText?: string;
  /** Completes "expected …". */
  readonly expects?: string;
  readonly example?: string;
  /** Never shown, and may come from a file named by `…_FILE`. */
  readonly secret?: boolean;
  /** Accepted because NGCP's file has it, and not read. */
  readonly ignored?: boolean;
}

export function annotationsOf(schema: TSchema): Annotations {
  return schema;
}

/** What this environment variable prefix is followed by is the path of a setting. */
export const ENV_PREFIX = "SIP_PUSHD_";

export function envNameOf(path: readonly string[]): string {
  return ENV_PREFIX + path.join("_").toUpperCase();
}
