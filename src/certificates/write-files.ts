import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { OperatorError } from "../push/operator-error.ts";

export interface NewFile {
  readonly name: string;
  readonly content: string;
  /** True if only its owner may read it. */
  readonly secret: boolean;
}

export interface WriteOptions {
  readonly force?: boolean;
  /** Files that may be overwritten, because the content came from them. */
  readonly sources?: readonly string[];
}

/** Writes all files or none. Returns their paths. */
export async function writeNewFiles(
  directory: string,
  files: readonly NewFile[],
  { force = false, sources = [] }: WriteOptions = {},
): Promise<string[]> {
  const own = new Set(sources.map((source) => resolve(source)));
  const paths = files.map(({ name }) => join(directory, name));
  const taken = paths.filter((path) => existsSync(path) && !own.has(resolve(path)));
  if (taken.length > 0 && !force) {
    throw new OperatorError("file_exists", `${taken.join(" and ")} would be written over; nothing was written.`, {
      mend: "Choose another folder (--out) or name (--name), or say --force.",
    });
  }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const [index, { content, secret }] of files.entries()) await writeOne(paths[index] ?? "", content, secret);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError("unwritable_file", `The files cannot be written: ${why}`, { cause: error });
  }
  return paths;
}

async function writeOne(path: string, content: string, secret: boolean): Promise<void> {
  const mode = secret ? 0o600 : 0o644;
  // `mode` applies only to new files. The permissions of an old file are narrowed before the secret is written.
  if (existsSync(path)) await chmod(path, mode);
  await writeFile(path, content, { mode });
}
