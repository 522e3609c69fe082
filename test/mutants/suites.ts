import type { Suite } from "./mutant.ts";

/** All contract tests of a store, on the real thing. */
export const SQLITE: Suite = { files: ["src/stores/sqlite/sqlite-stores.test.ts"] };
export const REDIS: Suite = { files: ["src/stores/redis/redis-single.test.ts"] };
/** A master with a replica: what WAIT is for. */
export const SENTINEL: Suite = { files: ["src/stores/redis/redis-sentinel.test.ts"] };

/** The tests in one file, or those of them whose name contains the pattern. */
export function testsIn(file: string, pattern?: string): Suite {
  return { files: [file], ...(pattern === undefined ? {} : { pattern }) };
}
