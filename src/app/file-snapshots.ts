import { access, constants, readFile, stat } from "node:fs/promises";
import type { FileContent, ReadFile } from "../config/credentials/files.ts";

// Checks files without blocking the event loop.

/** By file: a text that differs after every change of its content, its mode, or a link that leads to it. */
export type Fingerprints = ReadonlyMap<string, string>;

/** Content of a file, or the error of reading it. */
export type FileSnapshot = { readonly content: FileContent } | { readonly error: Error };

/** Limit of concurrent reads, so that name look-ups and the store do not wait behind thousands of files. */
const SIDE_BY_SIDE = 8;

export async function takeFingerprints(paths: readonly string[]): Promise<Fingerprints> {
  const marks = await mapSome(paths, async (path) => {
    try {
      const { dev, ino, size, mode, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return [dev, ino, size, mode, mtimeNs, ctimeNs].join(" ");
    } catch (error) {
      return `none: ${readCode(error)}`;
    }
  });
  return new Map(marks);
}

export async function lookInto(paths: readonly string[]): Promise<ReadonlyMap<string, FileSnapshot>> {
  const looks = await mapSome(paths, async (path): Promise<FileSnapshot> => {
    try {
      const { mode } = await stat(path);
      const content = { bytes: await readFile(path), mode: mode & 0o777 };
      return { content: (await isOnReadOnlyMount(path)) ? { ...content, isReadOnly: true } : content };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  });
  return new Map(looks);
}

async function isOnReadOnlyMount(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => false,
    (error: unknown) => readCode(error) === "EROFS",
  );
}

/** Reads from files that were read before. */
export function readFromLooks(looks: ReadonlyMap<string, FileSnapshot>): ReadFile {
  return (path) => {
    const look = looks.get(path);
    if (look !== undefined && "content" in look) return look.content;
    throw look?.error ?? new Error(`nobody has looked at ${path}`);
  };
}

export function isSameSnapshot(one: FileSnapshot | undefined, other: FileSnapshot | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if ("error" in one || "error" in other) {
    return "error" in one && "error" in other && readCode(one.error) === readCode(other.error);
  }
  return one.content.mode === other.content.mode && one.content.bytes.equals(other.content.bytes);
}

function readCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

async function mapSome<T>(
  paths: readonly string[],
  look: (path: string) => Promise<T>,
): Promise<(readonly [string, T])[]> {
  const done: (readonly [string, T])[] = [];
  for (let start = 0; start < paths.length; start += SIDE_BY_SIDE) {
    const some = paths.slice(start, start + SIDE_BY_SIDE);
    done.push(...(await Promise.all(some.map(async (path) => [path, await look(path)] as const))));
  }
  return done;
}
