import type { Place } from "../problem.ts";

/** A configuration value before its type is known, with the place where it was written. */
export type SourceNode = SourceScalar | SourceMap | SourceList | SourceNothing;

export interface SourceScalar {
  readonly kind: "scalar";
  /** Unchanged text: `0123456789` and `12345E6789` may be names of keys as well as numbers. */
  readonly text: string;
  readonly at: Place;
}

export interface SourceMap {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, SourceEntry>;
  readonly at: Place;
}

export interface SourceEntry {
  /** Place of the key. */
  readonly at: Place;
  readonly value: () => SourceNode;
}

export interface SourceList {
  readonly kind: "list";
  readonly items: readonly (() => SourceNode)[];
  readonly at: Place;
}

/** `key:` without a value, or `''`. */
export interface SourceNothing {
  readonly kind: "nothing";
  readonly at: Place;
}

const NAMES = {
  scalar: "a single value",
  map: "a section",
  list: "a list",
  nothing: "nothing",
} as const satisfies Record<SourceNode["kind"], string>;

export function nameOfNode(node: SourceNode): string {
  return NAMES[node.kind];
}

/** A value as JSON has it, with every single value as text. */
export function plainOf(node: SourceNode): unknown {
  if (node.kind === "scalar") return node.text;
  if (node.kind === "nothing") return null;
  if (node.kind === "list") return node.items.map((item) => plainOf(item()));
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry.value())]));
}

/** Returns `base` with `node` at `path`. A value on the way that is not a section is kept, and reported elsewhere. */
export function withNodeAt(base: SourceNode, [head, ...rest]: readonly string[], node: SourceNode): SourceNode {
  if (head === undefined) return node;
  if (base.kind === "scalar" || base.kind === "list") return base;
  const entries = base.kind === "map" ? base.entries : new Map<string, SourceEntry>();
  const entry = entries.get(head);
  const inner = withNodeAt(entry?.value() ?? { kind: "nothing", at: node.at }, rest, node);
  const at = rest.length === 0 ? node.at : (entry?.at ?? node.at);
  return { kind: "map", at: base.at, entries: new Map([...entries, [head, { at, value: () => inner }]]) };
}
