import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { ConfigError } from "../config/problem.ts";
import type { CliIo } from "./output.ts";

/** What a running gateway is to go on with, or why it cannot. */
export function readAgain(
  file: string,
  { env }: Pick<CliIo, "env">,
): { readonly config: Config } | { readonly refusal: string } {
  try {
    const { config } = loadConfig({ file, env });
    return config.enabled ? { config } : { refusal: `${file} says enable: no; stop the gateway instead` };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { refusal: error.message };
  }
}
