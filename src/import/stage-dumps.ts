import { rmSync, statSync } from "node:fs";
import type { Clock } from "../gateway/clock.ts";
import { OperatorError } from "../push/operator-error.ts";
import { formatProgress, type Progress } from "./progress.ts";
import { readDump } from "./read-dump.ts";
import { openStaging, type Staging } from "./staging.ts";

export interface StageDeps {
  readonly progress: Progress;
  readonly clock: Clock;
}

const SOURCES = "sources";

/** Reads the dumps into the state file, unless they are there already. */
export async function stageDumps(files: readonly string[], stateFile: string, deps: StageDeps): Promise<Staging> {
  const sources = files.map(describeSource);
  const kept = openStaging(stateFile);
  if (JSON.stringify(kept.read(SOURCES)) === JSON.stringify(sources)) return kept;
  kept[Symbol.dispose]();
  removeStaging(stateFile);
  using started = new DisposableStack();
  const staging = started.use(openStaging(stateFile));
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const startedAt = deps.clock();
  let before = 0;
  for (const [index, file] of files.entries()) {
    const show = (bytes: number): void => {
      const state = { done: before + bytes, total, elapsedMs: deps.clock() - startedAt };
      deps.progress.update(formatProgress(`reading ${file}`, state));
    };
    for await (const rows of readDump(file, show)) staging.add(rows);
    before += sources[index]?.bytes ?? 0;
  }
  deps.progress.update("finding out whose each row is");
  staging.resolve();
  staging.write(SOURCES, sources);
  started.move();
  return staging;
}

export function removeStaging(stateFile: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(stateFile + suffix, { force: true });
}

/** A dump that has been rewritten is read again. */
function describeSource(file: string): { file: string; bytes: number; changedAt: number } {
  try {
    const { size, mtimeMs } = statSync(file);
    return { file, bytes: size, changedAt: mtimeMs };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError("unreadable_file", `${file} cannot be read: ${why}`, { cause: error });
  }
}
