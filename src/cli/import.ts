import { Option, type Command } from "commander";
import { nameStore } from "../app/name-store.ts";
import { openStores } from "../app/open-stores.ts";
import type { StoreConfig } from "../config/config.ts";
import { importDumps, type OpenTarget } from "../import/import-dumps.ts";
import { formatReport } from "../import/import-report.ts";
import { formatDuration } from "../import/progress.ts";
import { createStoreTarget } from "../import/store-target.ts";
import { ENVIRONMENTS, type Environment } from "../push/device.ts";
import { EXIT_CONFIG, loadOrExplain } from "./load-or-explain.ts";
import { createCommand, EXIT_CODES, runAction, writeJson, writeLine, type CliIo } from "./output.ts";
import { createProgress } from "./progress.ts";
import { awaitStopSignal } from "./stop-signal.ts";

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
    .action((files: string[], options: ImportOptions) => runAction(io, () => runImport(files, options, io)));
}

async function runImport(files: readonly string[], options: ImportOptions, io: CliIo): Promise<number> {
  const config = loadOrExplain(options.config, io)?.config;
  if (config === undefined) return EXIT_CONFIG;
  const isApplied = options.apply === true;
  const startedAt = Date.now();
  let isStopped = false;
  // Nothing is lost by a signal that ends the process before the first write.
  const openStoppableTarget = (): Promise<OpenTarget> => {
    void awaitStopSignal().then(() => (isStopped = true));
    return openTarget(config.store, options, io);
  };
  const progress = createProgress({ stderr: io.stderr, isTty: io.isTty, clock: Date.now });
  const { report, isComplete, read } = await importDumps({
    files,
    stateFile: options.state,
    apps: config,
    environment: options.environment,
    foldCase: config.subscribers.foldCase,
    targetName: nameStore(config.store),
    openTarget: isApplied ? openStoppableTarget : undefined,
    isStopped: () => isStopped,
    progress,
    clock: Date.now,
  }).finally(() => progress.clear());
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

async function openTarget(store: StoreConfig, options: ImportOptions, { version }: CliIo): Promise<OpenTarget> {
  const stores = await openStores(store, { clock: Date.now, version, mayUpgrade: true });
  return {
    target: createStoreTarget({ ...stores, replacePreferences: options.replacePreferences === true }),
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}
