import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { plant, type Mutant } from "../../test/mutants/mutant.ts";

/** A copy of the project in which bugs are planted, one at a time. It is removed when disposed. */
export interface ProjectCopy extends AsyncDisposable {
  readonly root: string;
  /** Plants the bug during the work. Throws a StaleMutantError if it does not fit the tree. */
  withMutant<T>(mutant: Mutant, work: () => Promise<T>): Promise<T>;
}

/** The tests need none of these, or get them by a link. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", "artifacts", "dist", "coverage"]);

export async function copyProject(project: string): Promise<ProjectCopy> {
  const root = await mkdtemp(join(tmpdir(), "sip-pushd-mutants-"));
  await cp(project, root, { recursive: true, filter: (source) => !LEFT_OUT.has(relative(project, source)) });
  await symlink(join(project, "node_modules"), join(root, "node_modules"));
  return {
    root,
    async withMutant(mutant, work) {
      const file = join(root, mutant.file);
      const text = await readFile(file, "utf8");
      await writeFile(file, plant(mutant, text));
      try {
        return await work();
      } finally {
        await writeFile(file, text);
      }
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
