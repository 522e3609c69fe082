import { Type, type TObject, type TSchema } from "typebox";
import { ENVIRONMENT, type ConfigProblem, type Place } from "../problem.ts";
import { suggest } from "../reading/suggest.ts";
import { annotationsOf, ENV_PREFIX, envNameOf } from "../schema/setting.ts";
import { withNodeAt, type SourceNode } from "./source-node.ts";
import { readYamlValue } from "./yaml.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that an environment variable can give. */
export interface EnvSetting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly schema: TSchema;
}

const FILE_SUFFIX = "_FILE";

/** The command line client's variables, not the daemon's. */
const CLIENT_VARIABLES: ReadonlySet<string> = new Set(["URL", "CA", "CLIENT_KEY"].map((name) => ENV_PREFIX + name));

/** Every section and setting outside of lists. */
export function listEnvSettings(schema: TObject, parent: readonly string[] = []): EnvSetting[] {
  return Object.entries(schema.properties).flatMap(([key, property]) => {
    if (annotationsOf(property).ignored) return [];
    const path = [...parent, key];
    const inner = Type.IsObject(property) ? listEnvSettings(property, path) : [];
    return [{ variable: envNameOf(path), path, schema: property }, ...inner];
  });
}

export function fileVariableOf(setting: EnvSetting): string | undefined {
  return annotationsOf(setting.schema).secret ? setting.variable + FILE_SUFFIX : undefined;
}

/**
 * Kubernetes describes a service named `sip-pushd` to every pod beside it:
 * https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
function isServiceLink(variable: string, value = ""): boolean {
  const name = variable.slice(ENV_PREFIX.length);
  if (name === "PORT") return /^(?:tcp|udp|sctp):\/\//.test(value);
  return /^(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/.test(name);
}

export interface EnvReading {
  readonly node: SourceNode;
  readonly problems: readonly ConfigProblem[];
}

/** `root` with what the environment says in the place of what the file says. An empty variable says nothing. */
export function applyEnvironment(root: SourceNode, env: Environment, schema: TObject): EnvReading {
  const settings = listEnvSettings(schema);
  const given = settings.filter(({ variable }) => Boolean(env[variable]) && !isServiceLink(variable, env[variable]));
  const problems = unknownVariables(env, settings);
  let node = root;
  // Sections before the settings inside: the narrower variable has the last word.
  for (const setting of given.toSorted((a, b) => a.path.length - b.path.length)) {
    const { node: value, problem } = nodeOf(setting, env[setting.variable] ?? "");
    if (problem) problems.push(problem);
    else node = withNodeAt(node, setting.path, value);
  }
  return { node, problems };
}

function nodeOf({ variable, path, schema }: EnvSetting, text: string): { node: SourceNode; problem?: ConfigProblem } {
  const at: Place = { file: ENVIRONMENT, variable };
  if (!Type.IsObject(schema) && !Type.IsArray(schema)) return { node: { kind: "scalar", text, at } };
  const { node, error } = readYamlValue(text, at);
  if (error === undefined) return { node };
  const mend = `write it as YAML on one line, as ${variable}='${Type.IsArray(schema) ? "[{…}, {…}]" : "{…}"}'`;
  return { node, problem: { severity: "error", ...at, key: path.join("."), message: error, mend } };
}

function unknownVariables(env: Environment, settings: readonly EnvSetting[]): ConfigProblem[] {
  const fileVariables = settings.flatMap((setting) => fileVariableOf(setting) ?? []);
  const known = new Set([...settings.map(({ variable }) => variable), ...fileVariables]);
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith(ENV_PREFIX) && !known.has(name) && !CLIENT_VARIABLES.has(name) && !isServiceLink(name),
  );
  return unknown.map((variable) => {
    const meant = suggest(variable, [...known]);
    const mend =
      meant === undefined ? "remove it; docs/configuration.md lists the variables" : `did you mean ${meant}?`;
    return { severity: "error", file: ENVIRONMENT, variable, key: "", message: "unknown variable", mend };
  });
}
