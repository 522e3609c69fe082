import type { ConfigProblem } from "./problem.ts";
import { createReport, type Report } from "./reading/report.ts";
import { readSettings } from "./reading/read-settings.ts";
import { ConfigSchema, type RawConfig } from "./schema/config-schema.ts";
import { applyEnvironment, type Environment } from "./source/environment.ts";
import { readYaml, type YamlSource } from "./source/yaml.ts";

export interface ParsedConfig {
  /** Complete and of the correct types; settings with problems count as missing. Undefined if the text is not YAML. */
  readonly raw: RawConfig | undefined;
  readonly report: Report;
  /** True if the settings are below `pushd:`, in a file of NGCP. */
  readonly ngcp: boolean;
}

export interface ConfigText {
  /** Name of the file in messages. */
  readonly file: string;
  /** Undefined if there is no file and the environment has all settings. */
  readonly text: string | undefined;
  readonly env: Environment;
}

/** Parses the settings of a file and an environment. Does no I/O. */
export function parseConfig({ file, text, env }: ConfigText): ParsedConfig {
  const source = text === undefined ? noFile(file) : readYaml(text, file);
  const report = createReport(file, source.section);
  for (const problem of source.problems) report.add(problem);
  const { node, problems } = applyEnvironment(source.root, env, ConfigSchema);
  for (const problem of [...misplacedKeys(source), ...problems]) report.add(problem);
  const raw = source.broken ? undefined : readSettings(ConfigSchema, node, report);
  return { raw, report, ngcp: source.section !== undefined };
}

function noFile(file: string): YamlSource {
  return { root: { kind: "nothing", at: { file } }, besides: new Map(), problems: [], broken: false };
}

/** Sections that no NGCP file has at the top level. */
const OURS = ["apns", "fcm", "gcm", "android", "listen", "auth", "store", "dedup", "dialects", "launcher", "checklist"];

function misplacedKeys({ section, besides }: YamlSource): ConfigProblem[] {
  return OURS.flatMap((key) => {
    const at = besides.get(key);
    if (!at) return [];
    const message = `stands beside ${section}: and is not read`;
    return [
      { severity: "warning" as const, ...at, key, message, mend: `indent it, so that it stands below ${section}:` },
    ];
  });
}
