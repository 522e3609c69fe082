import type { Command } from "commander";
import { compactStore } from "../app/compact-store.ts";
import { StoreError } from "../gateway/store-error.ts";
import { EXIT_CONFIG, loadOrExplain } from "./load-or-explain.ts";
import { CliError, createCommand, EXIT_CODES, runAction, writeJson, writeLine, type CliIo } from "./output.ts";

interface CompactOptions {
  readonly config: string;
  readonly json?: boolean;
}

const HELP = `
A file that 0.1.0 has made keeps the size that it once had. This rewrites it without its free space, and sets it up to give
later free space back by itself. Stop the gateway first: while one has the file open, nothing is done. Up to twice the
file's size has to be free on its disk.

Example:
  systemctl stop sip-pushd && sip-pushd store compact --config /etc/sip-pushd/config.yml; systemctl start sip-pushd`;

const MEGABYTE = 1024 * 1024;

export function buildStoreCommand(io: CliIo): Command {
  return createCommand(io, "store")
    .summary("look after the database file")
    .description("Looks after the database file of a gateway that is stopped.")
    .addCommand(buildCompactCommand(io));
}

function buildCompactCommand(io: CliIo): Command {
  return createCommand(io, "compact")
    .description("give the free space of the SQLite file back; the gateway has to be stopped")
    .requiredOption("-c, --config <file>", "the gateway's configuration file")
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action((options: CompactOptions) => runAction(io, async () => compact(options, io)));
}

function compact({ config: file, json = false }: CompactOptions, io: CliIo): number {
  const loaded = loadOrExplain(file, io);
  if (loaded === undefined) return EXIT_CONFIG;
  const { store } = loaded.config;
  if (store.kind !== "sqlite") {
    throw new CliError("not_sqlite", "The store is a Redis, which has no file to compact.");
  }
  try {
    const { before, after } = compactStore(store);
    if (json) writeJson(io, { path: store.path, bytes_before: before, bytes_after: after });
    else writeLine(io, `${store.path}: ${megabytes(before)} before, ${megabytes(after)} now.`);
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof StoreError) throw new CliError("store_failed", error.message, { cause: error });
    throw error;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
