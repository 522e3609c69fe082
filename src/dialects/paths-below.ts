import { unescape } from "./fields.ts";

/**
 * Returns the decoded segments below the dialect's own path. An empty segment is kept: the platform had no value for
 * it.
 */
export function readSegments(path: string, bases: readonly string[]): readonly string[] {
  const base = bases.map(trimSlash).find((one) => path === one || path.startsWith(`${one}/`));
  const rest = path.slice((base ?? path).length + 1);
  return rest === "" ? [] : rest.split("/").map(unescape);
}

/** Returns a dialect's own paths and those below them. */
export function withBelow(bases: readonly string[]): readonly string[] {
  return bases.flatMap((base) => [base, `${trimSlash(base)}/*`]);
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
