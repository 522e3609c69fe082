import { Type, type Static, type TObject, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { hideIfSecret } from "../credentials/recognise-secret.ts";
import { quote } from "../problem.ts";
import { annotationsOf } from "../schema/setting.ts";
import { nameOfNode, plainOf, type SourceMap, type SourceNode } from "../source/source-node.ts";
import { expectationOf, mendOf, readScalar } from "./read-scalar.ts";
import { joinPath, type Report } from "./report.ts";
import { suggest } from "./suggest.ts";

type Settings = Record<string, unknown>;

/**
 * Returns the settings below `root` in the form of the schema, with defaults. An invalid setting is reported and then
 * counts as missing, so that everything else is still checked.
 */
export function readSettings<Schema extends TObject>(schema: Schema, root: SourceNode, report: Report): Static<Schema> {
  report.locate("", root.at);
  const settings = readSection(schema, root, "", report) ?? readSection(schema, undefined, "", report);
  if (!Value.Check(schema, settings)) throw new Error("The settings read do not have the form of their own schema.");
  return settings;
}

/** Returns undefined if the value is missing, or invalid and reported. */
function readValue(schema: TSchema, node: SourceNode | undefined, path: string, report: Report): unknown {
  if (annotationsOf(schema).ignored) return undefined;
  if (Type.IsObject(schema)) {
    const absent = node === undefined || node.kind === "nothing";
    return absent && Type.IsOptional(schema) ? undefined : readSection(schema, node, path, report);
  }
  if (node === undefined || node.kind === "nothing") return undefined;
  if (Type.IsArray(schema)) return readList(schema, node, path, report);
  // A JSON file's text is a section to YAML.
  const isJson = annotationsOf(schema).credential === true && node.kind === "map";
  if (node.kind !== "scalar" && !isJson) return reportForm(schema, node, path, report);
  const text = node.kind === "scalar" ? node.text : JSON.stringify(plainOf(node));
  const reading = readScalar(schema, keyOf(path), text);
  if ("value" in reading) return reading.value;
  report.errorAt(path, reading.complaint);
  return undefined;
}

function readList(schema: TSchema & { items: TSchema }, node: SourceNode, path: string, report: Report): unknown {
  if (node.kind !== "list") return reportForm(schema, node, path, report);
  return node.items.flatMap((item, index) => {
    const itemPath = `${path}[${index}]`;
    const itemNode = item();
    report.locate(itemPath, itemNode.at);
    const value = readValue(schema.items, itemNode, itemPath, report);
    return value === undefined ? [] : [value];
  });
}

function readSection(schema: TObject, node: SourceNode | undefined, path: string, report: Report): unknown {
  if (node?.kind === "scalar" || node?.kind === "list") return reportForm(schema, node, path, report);
  const map = node?.kind === "map" ? node : undefined;
  if (map) reportUnknownKeys(schema, map, path, report);
  const settings: Settings = {};
  report.name(settings, path);
  let complete = true;
  for (const [key, property] of Object.entries(schema.properties)) {
    const value = readProperty(property, map?.entries.get(key)?.value(), joinPath(path, key), report);
    if (value !== undefined) settings[key] = value;
    else if (!Type.IsOptional(property)) complete = false;
  }
  return complete ? settings : undefined;
}

function readProperty(schema: TSchema, node: SourceNode | undefined, path: string, report: Report): unknown {
  if (node) report.locate(path, node.at);
  const value = readValue(schema, node, path, report);
  if (value !== undefined || Type.IsOptional(schema)) return value;
  // An invalid required section still has its defaults.
  if (Type.IsObject(schema)) return readSection(schema, undefined, path, report);
  const { default: fallback } = annotationsOf(schema);
  if (fallback !== undefined) return structuredClone(fallback);
  if (node === undefined || node.kind === "nothing") {
    report.errorAt(path, { message: "is missing", mend: mendOf(schema, keyOf(path)) });
  }
  return undefined;
}

function reportForm(schema: TSchema, node: SourceNode, path: string, report: Report): undefined {
  const shown = node.kind === "scalar" && !annotationsOf(schema).secret;
  report.errorAt(path, {
    message: `expected ${expectationOf(schema)}`,
    found: shown ? quote(node.text) : nameOfNode(node),
    mend: mendOf(schema, keyOf(path) || "the file's top level"),
  });
  return undefined;
}

function reportUnknownKeys(schema: TObject, map: SourceMap, path: string, report: Report): void {
  const known = Object.keys(schema.properties);
  for (const [key, { at }] of map.entries) {
    if (known.includes(key)) continue;
    const meant = suggest(
      key,
      known.filter((name) => !map.entries.has(name)),
    );
    if (meant !== undefined) report.excuse(joinPath(path, meant));
    const mend = meant === undefined ? `remove it; known here: ${known.join(", ")}` : `did you mean ${meant}?`;
    const isMisspelt = meant !== undefined;
    report.errorAt(joinPath(path, hideIfSecret(key)), { message: "unknown key", mend, isMisspelt }, at);
  }
}

function keyOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}
