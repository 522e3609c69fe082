import type { Command } from "commander";
import { startGateway } from "../app.ts";
import { LiveConfig } from "../app/live-config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { sleep } from "../gateway/sleep.ts";
import { runPrimary } from "../cluster/primary.ts";
import { EXIT_CONFIG, loadOrExplain } from "./load-or-explain.ts";
import { findStoreProblem } from "./store-folder.ts";
import { printProblem } from "../config/problem.ts";
import { createCommand, EXIT_CODES, runAction, type CliIo } from "./output.ts";
import { awaitStopSignal } from "./stop-signal.ts";
import { readVersion } from "./version.ts";

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

async function runWorkers(file: string, loaded: LoadedConfig, { env, stderr }: CliIo): Promise<number> {
  const end = await runPrimary({ file, loaded, env, version: readVersion(), stopSignal: awaitStopSignal() });
  if (end.kind === "stopped") return end.inTime ? EXIT_CODES.ok : EXIT_CODES.notDone;
  const what = end.hasServed ? "gave up, as workers end again and again" : "could not start";
  stderr.write(`sip-pushd: ${what}: ${end.why}\n`);
  return EXIT_CODES.notDone;
}

async function runAlone(file: string, loaded: LoadedConfig, io: CliIo): Promise<number> {
  const stopSignal = awaitStopSignal();
  try {
    await using gateway = await startGateway({ config: loaded.config, version: readVersion() });
    gateway.noteCredentialFaults(loaded.faults);
    await using live = new LiveConfig({
      options: { file, env: io.env },
      loaded,
      clock: Date.now,
      sleep,
      follower: gateway,
    });
    process.on("SIGHUP", () => live.reread());
    gateway.noteStop(await stopSignal);
    return EXIT_CODES.ok;
  } catch (error) {
    io.stderr.write(`sip-pushd: could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_CODES.notDone;
  }
}
