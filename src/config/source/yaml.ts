import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type ParsedNode,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";
import { quote, type ConfigProblem, type Place } from "../problem.ts";
import type { SourceEntry, SourceNode } from "./source-node.ts";

export interface YamlSource {
  readonly root: SourceNode;
  /** `pushd` if the settings are in that section, among NGCP's others. */
  readonly section?: string;
  /** Keys of the top level beside that section. */
  readonly besides: ReadonlyMap<string, Place>;
  readonly problems: readonly ConfigProblem[];
  /** True if the text is empty or not YAML; `root` is then a guess. */
  readonly broken: boolean;
}

interface Reading {
  readonly document: Document.Parsed;
  readonly place: (offset: number | undefined) => Place;
}

const SECTION = "pushd";

/** Reads the settings in a configuration file's text. */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset = 0): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const top = withoutExtensions(sourceOf(document.contents, { document, place }));
  const entry = top.kind === "map" ? top.entries.get(SECTION) : undefined;
  const range = entry && isMap(document.contents) ? rangeOf(document.contents, SECTION) : undefined;
  const errors = [...document.errors, ...lostAliases(document)].filter((error) => concerns(error, range));
  const problems = errors.map((error) => problemOf(error, text, place));
  if (errors.length === 0 && document.contents === null) problems.push(emptyFile(place()));
  const broken = document.contents === null || errors.some(({ code }) => code !== "DUPLICATE_KEY");
  if (!entry || top.kind !== "map") return { root: top, besides: new Map(), problems, broken };
  const besides = new Map([...top.entries].flatMap(([key, { at }]) => (key === SECTION ? [] : [[key, at]])));
  return { root: withoutExtensions(entry.value()), section: SECTION, besides, problems, broken };
}

/**
 * Removes keys that begin with `x-`, which hold anchors for use elsewhere in the file, as in Docker's compose files.
 */
function withoutExtensions(node: SourceNode): SourceNode {
  if (node.kind !== "map") return node;
  return { ...node, entries: new Map([...node.entries].filter(([key]) => !key.startsWith("x-"))) };
}

/** Reads one setting's value, written as YAML in an environment variable. */
export function readYamlValue(text: string, at: Place): { node: SourceNode; error?: string } {
  const document = parseDocument(text, { prettyErrors: false });
  const node = sourceOf(document.contents, { document, place: () => at });
  const [error] = [...document.errors, ...lostAliases(document)];
  return error ? { node, error: describe(error, text) } : { node };
}

function sourceOf(node: ParsedNode | null | undefined, reading: Reading): SourceNode {
  const at = reading.place(node?.range[0]);
  if (isAlias(node)) return sourceOf(node.resolve(reading.document) as ParsedNode | undefined, reading);
  if (isMap(node)) return { kind: "map", at, entries: entriesOf(node, reading) };
  if (isSeq(node)) return { kind: "list", at, items: node.items.map((item) => () => sourceOf(item, reading)) };
  if (!isScalar(node) || node.value === null) return { kind: "nothing", at };
  const text = typeof node.value === "string" ? node.value : (node.source ?? "");
  return text === "" ? { kind: "nothing", at } : { kind: "scalar", text, at };
}

const MERGE_KEY = "<<";

/** A map's own keys override those that it merges: https://yaml.org/type/merge.html */
function entriesOf(
  map: YAMLMap.Parsed,
  reading: Reading,
  within: readonly YAMLMap.Parsed[] = [],
): ReadonlyMap<string, SourceEntry> {
  const merged = new Map<string, SourceEntry>();
  const own = new Map<string, SourceEntry>();
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? (key.source ?? String(key.value)) : String(key);
    const at = reading.place(key.range[0]);
    const maps = name === MERGE_KEY ? mapsToMerge(value, reading.document) : undefined;
    if (maps === undefined) own.set(name, { at, value: () => withPlaceOfKey(sourceOf(value, reading), at, value) });
    else
      for (const from of maps.toReversed()) {
        // A map may refer to itself by an alias.
        if (from !== map && !within.includes(from)) addAll(merged, entriesOf(from, reading, [...within, map]));
      }
  }
  return addAll(merged, own);
}

/** Returns the maps behind `<<:`, highest priority first, or undefined if it does not name a map or a list of maps. */
function mapsToMerge(value: ParsedNode | null, document: Document.Parsed): readonly YAMLMap.Parsed[] | undefined {
  const resolved = isAlias(value) ? value.resolve(document) : value;
  const candidates = isSeq(resolved)
    ? resolved.items.map((item) => (isAlias(item) ? item.resolve(document) : item))
    : [resolved];
  return candidates.every((candidate) => isMap(candidate)) ? (candidates as readonly YAMLMap.Parsed[]) : undefined;
}

function addAll<Key, Value>(to: Map<Key, Value>, from: ReadonlyMap<Key, Value>): Map<Key, Value> {
  for (const [key, value] of from) to.set(key, value);
  return to;
}

/** A section's place is that of its name, and so is that of a value without its own place. */
function withPlaceOfKey(node: SourceNode, at: Place, value: ParsedNode | null): SourceNode {
  return node.kind !== "scalar" || isAlias(value) ? { ...node, at } : node;
}

function rangeOf(map: YAMLMap.Parsed, name: string): readonly [number, number] | undefined {
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === name);
  return pair ? [pair.key.range[0], pair.value?.range[2] ?? pair.key.range[2]] : undefined;
}

type SyntaxError = Pick<YAMLParseError, "code" | "message" | "pos">;

/** The parser reports an alias without an anchor only later; its setting must not silently count as missing. */
function lostAliases(document: Document.Parsed): SyntaxError[] {
  const lost: SyntaxError[] = [];
  visit(document, {
    Alias(_, alias) {
      const [start = 0, end = 0] = alias.range ?? [];
      if (!alias.resolve(document)) lost.push({ code: "BAD_ALIAS", message: "", pos: [start, end] });
    },
  });
  return lost;
}

/** A duplicate key in another program's section does not matter here. */
function concerns(error: SyntaxError, range: readonly [number, number] | undefined): boolean {
  if (error.code !== "DUPLICATE_KEY" || range === undefined) return true;
  return error.pos[0] >= range[0] && error.pos[0] < range[1];
}

function problemOf(error: SyntaxError, text: string, place: Reading["place"]): ConfigProblem {
  const at = place(error.pos[0]);
  return { severity: "error", ...at, key: "", message: describe(error, text), mend: mendOf(error) };
}

// The parser's message may end with the offending text (": …"), which may be half a password.
function describe({ code, message, pos }: SyntaxError, text: string): string {
  if (code === "DUPLICATE_KEY") return `${quote(keyAt(text, pos[0]))} is given twice in the same section`;
  if (code === "BAD_ALIAS") return "an alias (*…) without an anchor (&…) before it";
  if (code === "MULTIPLE_DOCS") return "a second document begins here (---), and only one is read";
  return `not valid YAML: ${message.split(/: |\n/, 1)[0]}`;
}

function keyAt(text: string, offset: number): string {
  return /^["']?([\w.-]*)/.exec(text.slice(offset, offset + 80))?.[1] ?? "";
}

function mendOf(error: SyntaxError): string {
  if (error.code === "DUPLICATE_KEY") return "keep one of the two";
  if (error.code === "BAD_ALIAS") return `put the value in quotes if it really begins with ${quote("*")}`;
  if (error.code === "MULTIPLE_DOCS") return "remove what does not belong here";
  if (error.code === "TAB_AS_INDENT") return "indent with spaces";
  return "check the indentation and the quotes of this line and the one before it";
}

function emptyFile(at: Place): ConfigProblem {
  return {
    severity: "error",
    ...at,
    key: "",
    message: "the file holds no settings",
    mend: "begin with a copy of examples/config/minimal.yml",
  };
}
