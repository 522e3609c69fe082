import type { Command } from "commander";
import { findStoreProblem } from "../app/find-store-problem.ts";
import { runGateway } from "../app/run-gateway.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { runPrimary } from "../cluster/primary.ts";
import { EXIT_CONFIG, loadOrExplain } from "./load-or-explain.ts";
import { printProblem } from "../config/problem.ts";
import { createCommand, EXIT_CODES, runAction, type CliIo } from "./output.ts";
import { awaitStopSignal } from "./stop-signal.ts";

const HELP = `
Runs in the foreground and writes its log to standard output, one JSON object a line.
SIGTERM or Ctrl-C stops it: pushes under way are finished or kept for the next start.
SIGHUP reads the configuration again; a broken one leaves the old one in force. Certificates and keys are taken up when they change.
With processes: 2 or more it starts worker processes, looks after them, and passes both signals on.

  sip-pushd serve --config /etc/sip-pushd/config.yml

Exit codes: 0 stopped, 1 could not start or go on, ${EXIT_CONFIG} the configuration has to be mended.`;

export function buildServeCommand(io: CliIo): Command {
  return createCommand(io, "serve")
    .description("run the gateway")
    .requiredOption("--config <file>", "its configuration: an NGCP config.yml works as it is")
    .addHelpText("after", HELP)
    .action(({ config }: { readonly config: string }) => runAction(io, () => serve(config, io)));
}

async function serve(file: string, io: CliIo): Promise<number> {
  const loaded = loadOrExplain(file, io);
  if (loaded === undefined) return EXIT_CONFIG;
  const { config } = loaded;
  if (!config.enabled) {
    io.stderr.write(`${file} says enable: no, so there is nothing to run.\n`);
    return EXIT_CODES.ok;
  }
  const problem = findStoreProblem(file, config.store);
  if (problem !== undefined) {
    io.stderr.write(`${printProblem(problem)}\n`);
    return EXIT_CONFIG;
  }
  return config.processes > 1 ? runWorkers(file, loaded, io) : runAlone(file, loaded, io);
}

async function runWorkers(file: string, loaded: LoadedConfig, { env, stderr, version }: CliIo): Promise<number> {
  const end = await runPrimary({ file, loaded, env, version, stopSignal: awaitStopSignal() });
  if (end.kind === "stopped") return end.inTime ? EXIT_CODES.ok : EXIT_CODES.notDone;
  const what = end.hasServed ? "gave up, as workers end again and again" : "could not start";
  stderr.write(`sip-pushd: ${what}: ${end.why}\n`);
  return EXIT_CODES.notDone;
}

async function runAlone(file: string, loaded: LoadedConfig, io: CliIo): Promise<number> {
  const { env, version, stderr } = io;
  try {
    await runGateway({ file, loaded, env, version, stopSignal: awaitStopSignal() });
    return EXIT_CODES.ok;
  } catch (error) {
    stderr.write(`sip-pushd: could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_CODES.notDone;
  }
}
