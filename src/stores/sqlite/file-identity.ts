import { statSync } from "node:fs";
import { stat } from "node:fs/promises";

/** The file that was opened is no longer the one at its path; what is written to it will be lost. */
export interface Displacement {
  readonly path: string;
  /** Nothing is there, or another file. */
  readonly found: "nothing" | "another file";
}

/** Looks at the path, never at the file: a descriptor that is opened and closed again would end SQLite's locks of this process. */
export type FindDisplacement = () => Promise<Displacement | undefined>;

interface Identity {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** To be created when the database has been opened: the write-ahead log is there by then. */
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
