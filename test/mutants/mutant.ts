/** The tests that must notice a mutant. */
export interface Suite {
  /** Paths from the project's root. */
  readonly files: readonly [string, ...string[]];
  /** Part of the tests' full names, as for `vitest -t`. */
  readonly pattern?: string;
}

/** One bug that is planted on purpose. */
export interface Mutant {
  /** Kebab-case; `--only` takes it. */
  readonly name: string;
  /** Path from the project's root. */
  readonly file: string;
  /** Has to be in the file exactly once. */
  readonly find: string;
  /** Whatever it is, Node has to be able to load it: a mutant that does not parse proves nothing. */
  readonly replace: string;
  readonly suite: Suite;
}

/** A mutant that no longer fits the tree. */
export class StaleMutantError extends Error {
  override readonly name = "StaleMutantError";
}

/** Returns the text of the file with the bug in it. Throws a StaleMutantError unless `find` is in it exactly once. */
export function plant({ name, file, find, replace }: Mutant, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    const count = parts.length - 1;
    const advice = "Give the entry in test/mutants/list a text that is there once, or another bug of the same kind.";
    throw new StaleMutantError(`${name} is stale: its text is in ${file} ${count} times. ${advice}`);
  }
  return parts.join(replace);
}
