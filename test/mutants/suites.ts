import type { Suite } from "./mutant.ts";

/** All contract tests of a store, on the real database. */
export const SQLITE: Suite = { files: ["src/stores/sqlite/sqlite-stores.test.ts"] };
export const REDIS: Suite = { files: ["src/stores/redis/redis-single.test.ts"] };
/** A master with a replica, to test WAIT. */
export const SENTINEL: Suite = { files: ["src/stores/redis/redis-sentinel.test.ts"] };

/** Returns the tests in one file, or those whose name contains the pattern. */
export function testsIn(file: string, pattern?: string): Suite {
  return { files: [file], ...(pattern === undefined ? {} : { pattern }) };
}
