import type { TSchema } from "typebox";

/** Properties of a setting besides its type. All are in the documentation. */
export interface Annotations {
  readonly description?: string;
  /** Used if the setting is missing. For an optional setting it only documents what the reading code does. */
  readonly default?: unknown;
  /** The default in words, if it is not a single value. */
  readonly defaultText?: string;
  /** Words after "expected". */
  readonly expects?: string;
  readonly example?: string;
  /** Never shown. May come from a file named by `…_FILE`. */
  readonly secret?: boolean;
  /** Takes the credential itself as well as the path of its file. */
  readonly credential?: boolean;
  /** Accepted because NGCP's file has it, but not read. */
  readonly ignored?: boolean;
}

export function annotationsOf(schema: TSchema): Annotations {
  return schema;
}

/** Prefix of environment variables; the path of a setting follows. */
export const ENV_PREFIX = "SIP_PUSHD_";

export function envNameOf(path: readonly string[]): string {
  return ENV_PREFIX + path.join("_").toUpperCase();
}
