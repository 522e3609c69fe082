import type { Command } from "commander";
import { startGateway, type Gateway } from "../app.ts";
import { loadConfig } from "../config/load-config.ts";
import { ConfigError } from "../config/problem.ts";
import { EXIT_CONFIG, loadOrExplain } from "./load-or-explain.ts";
import { createCommand, EXIT_CODES, runAction, type CliIo } from "./output.ts";
import { awaitStopSignal } from "./stop-signal.ts";
import { readVersion } from "./version.ts";

const HELP = `
Runs in the foreground and writes its log to standard output, one JSON object a line.
SIGTERM or Ctrl-C stops it: pushes under way are finished or kept for the next start.
SIGHUP reads the configuration, its certificates and keys again; a broken one leaves the old one in force.

  sip-pushd serve --config /etc/sip-pushd/config.yml

Exit codes: 0 stopped, 1 could not start, ${EXIT_CONFIG} the configuration has to be mended.`;

export function buildServeCommand(io: CliIo): Command {
  return createCommand(io, "serve")
    .description("run the gateway")
    .requiredOption("--config <file>", "its configuration: an NGCP config.yml works as it is")
    .addHelpText("after", HELP)
    .action(({ config }: { readonly config: string }) => runAction(io, () => serve(config, io)));
}

async function serve(file: string, io: CliIo): Promise<number> {
  const config = loadOrExplain(file, io);
  if (config === undefined) return EXIT_CONFIG;
  if (!config.enabled) {
    io.stderr.write(`${file} says enable: no, so there is nothing to run.\n`);
    return EXIT_CODES.ok;
  }
  const stopSignal = awaitStopSignal();
  try {
    await using gateway = await startGateway({ config, version: readVersion() });
    process.on("SIGHUP", () => reload(gateway, file, io));
    gateway.noteStop(await stopSignal);
    return EXIT_CODES.ok;
  } catch (error) {
    io.stderr.write(`sip-pushd: could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_CODES.notDone;
  }
}

function reload(gateway: Gateway, file: string, { env }: CliIo): void {
  try {
    const { config } = loadConfig({ file, env });
    if (config.enabled) gateway.reload(config);
    else gateway.refuseReload(`${file} says enable: no; stop the gateway instead`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    gateway.refuseReload(error.message);
  }
}
