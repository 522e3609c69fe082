/** Tests that must detect a mutant. */
export interface Suite {
  /** Paths from the project's root. */
  readonly files: readonly [string, ...string[]];
  /** Part of the tests' full names, as for `vitest -t`. */
  readonly pattern?: string;
}

/** A deliberately planted bug. */
export interface Mutant {
  /** Kebab-case name for `--only`. */
  readonly name: string;
  /** Path from the project's root. */
  readonly file: string;
  /** Must occur exactly once in the file. */
  readonly find: string;
  /** Node must be able to load the result: a mutant that does not parse proves nothing. */
  readonly replace: string;
  readonly suite: Suite;
}

/** The mutant no longer fits the tree. */
export class StaleMutantError extends Error {
  override readonly name = "StaleMutantError";
}

/** Returns the file's text with the bug. Throws a StaleMutantError unless `find` occurs exactly once. */
export function plant({ name, file, find, replace }: Mutant, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    const count = parts.length - 1;
    const advice = "Give the entry in test/mutants/list a text that is there once, or another bug of the same kind.";
    throw new StaleMutantError(`${name} is stale: its text is in ${file} ${count} times. ${advice}`);
  }
  return parts.join(replace);
}
