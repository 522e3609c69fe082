import { unescape } from "./fields.ts";

/** The parts of a path below the dialect's own, decoded; an empty one stays: the platform had nothing to put there. */
export function readSegments(path: string, bases: readonly string[]): readonly string[] {
  const base = bases.map(trimSlash).find((one) => path === one || path.startsWith(`${one}/`));
  const rest = path.slice((base ?? path).length + 1);
  return rest === "" ? [] : rest.split("/").map(unescape);
}

/** A dialect's own paths, and all below them. */
export function withBelow(bases: readonly string[]): readonly string[] {
  return bases.flatMap((base) => [base, `${trimSlash(base)}/*`]);
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
