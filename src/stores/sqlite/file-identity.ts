import { statSync } from "node:fs";
import { stat } from "node:fs/promises";

/** The opened file is no longer the one at its path, so writes to it will be lost. */
export interface Displacement {
  readonly path: string;
  /** The path has no file, or another one. */
  readonly found: "nothing" | "another file";
}

/**
 * Checks the path, never the file: opening and closing another descriptor would release SQLite's locks of this process.
 */
export type FindDisplacement = () => Promise<Displacement | undefined>;

interface Identity {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Create it after the database has been opened, when the write-ahead log exists. */
export function createFindDisplacement(databasePath: string): FindDisplacement {
  if (databasePath === ":memory:") return async () => undefined;
  const opened = [databasePath, `${databasePath}-wal`].flatMap((path): Identity[] => {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? [] : [{ path, dev: stats.dev, ino: stats.ino }];
  });

  return async () => {
    for (const { path, dev, ino } of opened) {
      const present = await readIdentity(path);
      if (present === undefined) return { path, found: "nothing" };
      if (present.dev !== dev || present.ino !== ino) return { path, found: "another file" };
    }
    return undefined;
  };
}

async function readIdentity(path: string): Promise<Identity | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return { path, dev, ino };
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}
