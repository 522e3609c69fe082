import { Option, type Command } from "commander";
import { openStores } from "../app/open-stores.ts";
import type { Config, StoreConfig } from "../config/config.ts";
import { ENVIRONMENTS, type Environment } from "../push/device.ts";
import { DUMP_TABLE_NAMES, type DumpTable } from "../import/dump-tables.ts";
import { formatReport } from "../import/import-report.ts";
import { formatDuration } from "../import/progress.ts";
import { runImport, type ImportDeps, type ImportRun } from "../import/run-import.ts";
import { removeStaging, stageDumps } from "../import/stage-dumps.ts";
import type { Staging } from "../import/staging.ts";
import { createStoreTarget } from "../import/store-target.ts";
import { EXIT_CONFIG, loadOrExplain } from "./load-or-explain.ts";
import { CliError, createCommand, EXIT_CODES, runAction, writeJson, writeLine, type CliIo } from "./output.ts";
import { createProgress } from "./progress.ts";
import { awaitStopSignal } from "./stop-signal.ts";
import { readVersion } from "./version.ts";

interface ImportOptions {
  readonly config: string;
  readonly apply?: boolean;
  readonly state: string;
  readonly environment: Environment;
  readonly replacePreferences?: boolean;
  readonly json?: boolean;
}

const HELP = `
On the NGCP database server:
  mysqldump kamailio mobile_push_registrations > devices.sql
  mysqldump provisioning voip_subscribers voip_domains voip_preferences voip_usr_preferences voip_dom_preferences > provisioning.sql

Here, first to see what would be written, then to write it into the store that the configuration names:
  sip-pushd import --config config.yml devices.sql provisioning.sql
  sip-pushd import --config config.yml devices.sql provisioning.sql --apply

CSV with a header line will do, too, and gzip. The gateway may run meanwhile: what a phone or a person has told it since the dump stays.
An import that was stopped goes on where it was when the same command is given again.`;

export function buildImportCommand(io: CliIo): Command {
  return createCommand(io, "import")
    .summary("take devices and preferences over from Sipwise NGCP")
    .description("Takes devices and preferences over from dumps of Sipwise NGCP's database.")
    .argument("<files...>", "dumps: SQL or CSV")
    .requiredOption("--config <file>", "the gateway's configuration: it names the store")
    .option("--apply", "write; without it nothing is written")
    .option(
      "--state <file>",
      "where the import keeps what it has read and how far it has come",
      "sip-pushd-import.state",
    )
    .addOption(
      new Option("--environment <name>", "of the iPhones' tokens, which NGCP does not know")
        .choices(ENVIRONMENTS)
        .default("production"),
    )
    .option("--replace-preferences", "replace preferences that are set in the gateway already")
    .option("--json", "print the report as JSON")
    .addHelpText("after", HELP)
    .action((files: string[], options: ImportOptions) => runAction(io, () => importDumps(files, options, io)));
}

async function importDumps(files: readonly string[], options: ImportOptions, io: CliIo): Promise<number> {
  const config = loadOrExplain(options.config, io)?.config;
  if (config === undefined) return EXIT_CONFIG;
  const isApplied = options.apply === true;
  const startedAt = Date.now();
  const { report, isComplete, read } = await runStaged(files, config, options, io);
  if (isComplete && isApplied) removeStaging(options.state);
  if (options.json) writeJson(io, { applied: isApplied, complete: isComplete, read, ...report });
  else for (const line of formatReport(report, read, isApplied)) writeLine(io, line);
  if (!isComplete) {
    io.stderr.write("sip-pushd: Stopped. The same command goes on where it was.\n");
    return EXIT_CODES.notDone;
  }
  const end = isApplied
    ? `Done in ${formatDuration(Date.now() - startedAt)}.`
    : "Nothing was written. To write it, add --apply.";
  if (!options.json) writeLine(io, `\n${end}`);
  return EXIT_CODES.ok;
}

async function runStaged(files: readonly string[], config: Config, options: ImportOptions, io: CliIo) {
  const clock = Date.now;
  const progress = createProgress({ stderr: io.stderr, isTty: io.isTty, clock });
  try {
    using staging = await stageDumps(files, options.state, { progress, clock });
    const { environment } = options;
    const targetName = nameStore(config.store);
    const { foldCase } = config.subscribers;
    const deps = { staging, apps: config, environment, foldCase, targetName, progress, clock };
    const run = await (options.apply ? apply(deps, config, options) : runImport({ ...deps, isStopped: () => false }));
    return { ...run, read: countRows(staging) };
  } finally {
    progress.clear();
  }
}

function countRows(staging: Staging): Record<DumpTable, number> {
  return Object.fromEntries(DUMP_TABLE_NAMES.map((table) => [table, staging.count(table)])) as Record<
    DumpTable,
    number
  >;
}

async function apply(deps: Omit<ImportDeps, "isStopped">, config: Config, options: ImportOptions): Promise<ImportRun> {
  let isStopped = false;
  void awaitStopSignal().then(() => (isStopped = true));
  try {
    await using stores = await openStores(config.store, {
      clock: deps.clock,
      version: readVersion(),
      mayUpgrade: true,
    });
    const target = createStoreTarget({ ...stores, replacePreferences: options.replacePreferences === true });
    return await runImport({ ...deps, target, isStopped: () => isStopped });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new CliError("store_failed", `The store did not take it all: ${error.message}`, {
      mend: "Mend that, and give the same command again: it goes on where it was.",
      cause: error,
    });
  }
}

/** Contains no secrets, because it is written into the state file. */
function nameStore(store: StoreConfig): string {
  if (store.kind === "sqlite") return `sqlite ${store.path}`;
  const { connection, keyPrefix } = store;
  const place =
    connection.kind === "single"
      ? new URL(connection.url).host
      : JSON.stringify(connection.kind === "sentinel" ? connection.sentinels : connection.nodes);
  return `redis ${place} ${keyPrefix}`;
}
