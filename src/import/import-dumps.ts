import { OperatorError } from "../push/operator-error.ts";
import { DUMP_TABLE_NAMES, type DumpTable } from "./dump-tables.ts";
import { runImport, type ImportDeps, type ImportRun, type ImportTarget } from "./run-import.ts";
import { removeStaging, stageDumps } from "./stage-dumps.ts";
import type { Staging } from "./staging.ts";

export interface OpenTarget extends AsyncDisposable {
  readonly target: ImportTarget;
}

export interface DumpImport extends Omit<ImportDeps, "staging" | "target"> {
  /** Dumps, SQL or CSV. */
  readonly files: readonly string[];
  /** File that keeps what has been read and how far the import has come. Removed after a complete import. */
  readonly stateFile: string;
  /** Undefined for a dry run. */
  readonly openTarget: (() => Promise<OpenTarget>) | undefined;
}

export interface DumpImportRun extends ImportRun {
  /** Rows by table. */
  readonly read: Readonly<Record<DumpTable, number>>;
}

/**
 * Reads the dumps and, unless it is a dry run, writes them to the target. Continues a stopped import. Throws an
 * `OperatorError` if a dump cannot be read or the target fails.
 */
export async function importDumps(options: DumpImport): Promise<DumpImportRun> {
  const { files, stateFile, progress, clock, openTarget } = options;
  const done = await stageAndRun();
  if (done.isComplete && openTarget !== undefined) removeStaging(stateFile);
  return done;

  async function stageAndRun(): Promise<DumpImportRun> {
    using staging = await stageDumps(files, stateFile, { progress, clock });
    const deps = { ...options, staging };
    const run = await (openTarget === undefined ? runImport(deps) : write(deps, openTarget));
    return { ...run, read: countRows(staging) };
  }
}

async function write(deps: ImportDeps, openTarget: () => Promise<OpenTarget>): Promise<ImportRun> {
  try {
    await using opened = await openTarget();
    return await runImport({ ...deps, target: opened.target });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new OperatorError("store_failed", `The store did not take it all: ${error.message}`, {
      mend: "Mend that, and give the same command again: it goes on where it was.",
      cause: error,
    });
  }
}

function countRows(staging: Staging): Record<DumpTable, number> {
  return Object.fromEntries(DUMP_TABLE_NAMES.map((table) => [table, staging.count(table)])) as Record<
    DumpTable,
    number
  >;
}
