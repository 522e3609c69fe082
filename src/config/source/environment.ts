import { Type, type TObject, type TSchema } from "typebox";
import { ENVIRONMENT, type ConfigProblem, type Place } from "../problem.ts";
import { suggest } from "../reading/suggest.ts";
import { annotationsOf, ENV_PREFIX, envNameOf } from "../schema/setting.ts";
import { withNodeAt, type SourceNode } from "./source-node.ts";
import { readYamlValue } from "./yaml.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that can come from an environment variable. */
export interface EnvSetting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly schema: TSchema;
}

const FILE_SUFFIX = "_FILE";

/** Variables of the command line client, not of the daemon. */
const CLIENT_VARIABLES: ReadonlySet<string> = new Set(["URL", "CA", "CLIENT_KEY"].map((name) => ENV_PREFIX + name));

/** Lists every section and setting outside of lists. */
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

/** The part after a service's name, such as `REDIS_SERVICE_PORT_TLS`, `PORT_8080_TCP_ADDR`. */
const SERVICE_LINK =
  /^(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/**
 * Kubernetes describes each service of a namespace to every pod in it, so a service called `sip-pushd` or
 * `sip-pushd-redis` sets variables with our prefix. Only its value distinguishes such a variable from a setting of the
 * same name: https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
function isServiceLink(variable: string, value = "", isSetting = false): boolean {
  if (!SERVICE_LINK.test(variable.slice(ENV_PREFIX.length))) return false;
  return !isSetting || SERVICE_ADDRESS.test(value);
}

export interface EnvReading {
  readonly node: SourceNode;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Returns `root` with the environment's values overriding the file's. An empty variable is ignored; an unknown one is a
 * warning.
 */
export function applyEnvironment(root: SourceNode, env: Environment, schema: TObject): EnvReading {
  const settings = listEnvSettings(schema);
  const given = settings.filter(
    ({ variable }) => Boolean(env[variable]) && !isServiceLink(variable, env[variable], true),
  );
  const problems = unknownVariables(env, settings);
  let node = root;
  // Sections come before the settings in them, so that the narrower variable wins.
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
    (name) =>
      name.startsWith(ENV_PREFIX) && !known.has(name) && !CLIENT_VARIABLES.has(name) && !isServiceLink(name, env[name]),
  );
  return unknown.map((variable) => {
    const meant = suggestVariable(variable, known);
    const mend =
      meant === undefined ? "docs/reference/configuration.md lists the variables that count" : `did you mean ${meant}?`;
    return {
      severity: "warning",
      file: ENVIRONMENT,
      variable,
      key: "",
      message: "is not a setting and is ignored",
      mend,
    };
  });
}

/** The prefix is common to all names, so it is ignored when comparing them. */
function suggestVariable(variable: string, known: ReadonlySet<string>): string | undefined {
  const names = [...known].map((name) => name.slice(ENV_PREFIX.length));
  const meant = suggest(variable.slice(ENV_PREFIX.length), names);
  return meant === undefined ? undefined : ENV_PREFIX + meant;
}
