import type { ConfigProblem } from "./problem.ts";
import { createReport, type Report } from "./reading/report.ts";
import { readSettings } from "./reading/read-settings.ts";
import { ConfigSchema, type RawConfig } from "./schema/config-schema.ts";
import { applyEnvironment, type Environment } from "./source/environment.ts";
import { readYaml, type YamlSource } from "./source/yaml.ts";

export interface ParsedConfig {
  /** Complete and of the right types; what the problems are about counts as absent. Undefined where the text is no YAML. */
  readonly raw: RawConfig | undefined;
  readonly report: Report;
  /** Whether the settings stand below `pushd:`, in a file that NGCP wrote. */
  readonly ngcp: boolean;
}

export interface ConfigText {
  /** How messages name the file. */
  readonly file: string;
  /** Undefined: there is no file, and the environment says all. */
  readonly text: string | undefined;
  readonly env: Environment;
}

/** The settings of a file and an environment; reads neither itself. */
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

/** Sections that no NGCP file has at its top. */
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
