import type { Place } from "../problem.ts";

/** A configuration value before anyone has asked what it should be, with the place where it was written. */
export type SourceNode = SourceScalar | SourceMap | SourceList | SourceNothing;

export interface SourceScalar {
  readonly kind: "scalar";
  /** As it was written: `0123456789` and `12345E6789` are names of keys as often as numbers. */
  readonly text: string;
  readonly at: Place;
}

export interface SourceMap {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, SourceEntry>;
  readonly at: Place;
}

export interface SourceEntry {
  /** Where the key stands. */
  readonly at: Place;
  readonly value: () => SourceNode;
}

export interface SourceList {
  readonly kind: "list";
  readonly items: readonly (() => SourceNode)[];
  readonly at: Place;
}

/** `key:` and nothing behind it, or `''`. */
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

/** `base` with `node` at `path`. What is no section on the way stays as it is: that is a problem of its own. */
export function withNodeAt(base: SourceNode, [head, ...rest]: readonly string[], node: SourceNode): SourceNode {
  if (head === undefined) return node;
  if (base.kind === "scalar" || base.kind === "list") return base;
  const entries = base.kind === "map" ? base.entries : new Map<string, SourceEntry>();
  const entry = entries.get(head);
  const inner = withNodeAt(entry?.value() ?? { kind: "nothing", at: node.at }, rest, node);
  const at = rest.length === 0 ? node.at : (entry?.at ?? node.at);
  return { kind: "map", at: base.at, entries: new Map([...entries, [head, { at, value: () => inner }]]) };
}
